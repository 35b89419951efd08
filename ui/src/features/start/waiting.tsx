import { Group, Text } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import type { Stream } from '@/api/streams'
import { ButtonLink } from '@/parts/link'
import { useFormats, useTexts } from '@/texts'
import classes from './waiting.module.css'

/** Says that nothing has come in yet, and that the page will notice. */
export function Waiting() {
  const texts = useTexts('start')
  return (
    <div className={classes['waiting']} role="status">
      <span className={classes['pulse']} aria-hidden />
      <Text size="sm" fw={550}>
        {texts.waiting}
      </Text>
    </div>
  )
}

/** Says that the first record is in, and where to look at it. */
export function Arrived({ stream }: { stream: Stream }) {
  const texts = useTexts('start')
  const formats = useFormats()
  const records = stream.standing?.records ?? 0
  return (
    <div className={classes['arrived']} role="status">
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <IconCircleCheck size={28} aria-hidden />
        <div>
          <Text fw={620}>{texts.arrived}</Text>
          <Text size="sm">{texts.arrivedAbout(formats.count(records), stream.name)}</Text>
          <Group gap="xs" mt="md">
            <ButtonLink to="/dashboards">{texts.toDashboards}</ButtonLink>
            <ButtonLink to="/streams/$stream" params={{ stream: stream.name }} variant="default">
              {texts.toStream}
            </ButtonLink>
          </Group>
        </div>
      </Group>
    </div>
  )
}
