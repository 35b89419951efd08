// What can be done with one widget in view.
import { Menu } from '@mantine/core'
import { IconChartBar, IconCompass, IconTable } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { pictureOf } from '@/boards/body'
import type { Widget } from '@/boards/document'
import { DownloadItems } from '@/boards/download'
import type { ChartKind } from '@/charts/picture'
import { OpenedMenu } from '@/parts/opened'
import type { Opened } from '@/parts/opening'
import { useMetrics, type Question } from '@/questions/ask'
import { rangeText } from '@/questions/range'
import { useTexts } from '@/texts'
import type { ActionsProps } from './widget'

/** The menu of it. */
export default function ActionsMenu({ opened, ...props }: ActionsProps & { opened: Opened }) {
  const { widget, title, question, mayExport, isPublic, isTable, setTable } = props
  const texts = useTexts('dashboards')
  const picture = usePicture(props)
  return (
    <OpenedMenu opened={opened} position="bottom-end" width={210}>
      {widget.kind !== 'table' && (
        <Menu.Item
          leftSection={isTable ? <IconChartBar size={16} aria-hidden /> : <IconTable size={16} aria-hidden />}
          onClick={() => {
            setTable(!isTable)
          }}
        >
          {isTable ? texts.asChart : texts.asTable}
        </Menu.Item>
      )}
      {question !== null && isPublic !== true && <ExploreItem question={question} widget={widget} />}
      <DownloadItems title={title} question={mayExport === true ? question : null} picture={picture} />
    </OpenedMenu>
  )
}

const UNDRAWN: ReadonlySet<string> = new Set(['table', 'card', 'text'])

/** Give what a widget's chart is drawn from, for its file. */
function usePicture({ widget, answer, words }: ActionsProps) {
  const metrics = useMetrics()
  return useMemo(() => {
    if (UNDRAWN.has(widget.kind) || answer === undefined) return null
    return pictureOf(widget.kind as ChartKind, answer, words, widget.options, metrics)
  }, [answer, widget, words, metrics])
}

function ExploreItem({ question, widget }: { question: Question; widget: Widget }) {
  const texts = useTexts('dashboards')
  const navigate = useNavigate()
  const { metrics, by, from, to, grain, where, top } = question
  const search = {
    metrics: [...metrics],
    by: by.length === 0 ? undefined : [...by],
    range: rangeText({ from, to }),
    grain,
    where: Object.fromEntries(Object.entries(where).map(([name, values]) => [name, [...values]])),
    top: top ?? undefined,
    kind: widget.kind,
  }
  return (
    <Menu.Item
      leftSection={<IconCompass size={16} aria-hidden />}
      onClick={() => void navigate({ to: '/explore', search })}
    >
      {texts.explore}
    </Menu.Item>
  )
}
