// The days of one measure in a row, each stretch in the look of where it came from.
import { Text, Tooltip } from '@mantine/core'
import { useFormats, useTexts } from '@/texts'
import type { Course, Stretch } from './explained'
import classes from './explore.module.css'

/** A row of stretches; the same in words for whoever does not see it. */
export function Timeline({ course }: { course: Course }) {
  const told = useTold()
  return (
    <div className={classes['course']}>
      <Text size="xs" className={classes['measure'] ?? ''} title={`${course.stream}: ${course.measure}`}>
        {course.measure}
      </Text>
      <ol className={classes['days']}>
        {course.stretches.map((stretch) => (
          <Tooltip key={`${stretch.from} ${stretch.source}`} label={told(stretch)}>
            <li
              className={classes['stretch']}
              data-source={stretch.source}
              style={{ flexGrow: stretch.days }}
              aria-label={told(stretch)}
            />
          </Tooltip>
        ))}
      </ol>
    </div>
  )
}

function useTold(): (stretch: Stretch) => string {
  const texts = useTexts('explore')
  const answers = useTexts('answers')
  const formats = useFormats()
  return ({ from, to, source, detail }) => {
    const when = answers.fromTo(formats.date(from), formats.date(to))
    const isReason = source === 'missing' || source === 'withheld'
    const more = isReason ? (answers.notes[detail] ?? detail) : detail
    return texts.stretch(when, texts.sources[source] ?? source, more)
  }
}
