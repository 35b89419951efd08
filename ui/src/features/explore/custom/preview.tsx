// What a formula gives over the last 28 days, before it is kept.
import { Text } from '@mantine/core'
import { IconMathFunction } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { totalOf } from '@/answer/series'
import { figureWithUnit } from '@/answer/numbers'
import { Body } from '@/boards/body'
import { NO_OPTIONS } from '@/boards/document'
import { Note, States, Tile } from '@/boards/tile'
import { useWords } from '@/boards/words'
import { useHere } from '@/questions/here'
import { datesOf } from '@/questions/range'
import { useFormats, useTexts } from '@/texts'
import { metricName } from '../metrics'
import classes from './custom.module.css'
import { PREVIEWED, previewQuery, type Written } from './queries'

interface PreviewProps {
  draft: Written
  isOk: boolean
  /** The formula as it was understood. */
  text: string | null
}

/** A chart of the formula. */
export function Preview({ draft, isOk, text }: PreviewProps) {
  const texts = useTexts('custom')
  const formats = useFormats()
  const here = useHere()
  const dates = useMemo(() => datesOf({ preset: 'last_28_days' }, here), [here])
  const given = { formula: draft.formula, unit: draft.unit, decimals: draft.decimals }
  const found = useQuery({ ...previewQuery(given, dates), enabled: isOk })
  const named = metricName(draft.name === '' ? texts.unnamed : draft.name)
  const plain = useWords('day')
  const words = useMemo(() => ({ ...plain, metric: () => named }), [plain, named])
  const answer = text === null ? undefined : found.data
  const column = answer?.columns.find(({ name }) => name === PREVIEWED)
  const total = answer === undefined ? null : totalOf(answer, PREVIEWED)
  return (
    <div className={classes['preview']}>
      <Tile
        title={texts.preview(named)}
        answer={answer}
        isStale={!isOk && answer !== undefined}
        path={
          <Text size="sm" c="dimmed" px={14} component="div">
            {text ?? texts.previewAbout}
            {column !== undefined && total !== null && (
              <Text span fw={600} c="var(--mantine-color-text)" className="figures">
                {' = '}
                {figureWithUnit(total, column, formats.locale)}
              </Text>
            )}
          </Text>
        }
      >
        {text === null ? (
          <Note icon={IconMathFunction} title={texts.nothingYet} about={texts.nothingYetAbout} />
        ) : (
          <States answer={answer} error={found.error} isFiltered={false} retry={() => void found.refetch()}>
            {(shown) => <Body kind="line" title={named} answer={shown} words={words} options={NO_OPTIONS} />}
          </States>
        )}
      </Tile>
    </div>
  )
}
