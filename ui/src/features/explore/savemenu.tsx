// What can be made of an exploration: a widget, a file, a metric.
import { Menu } from '@mantine/core'
import { IconFileExport, IconLayoutGridAdd, IconMathFunction } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useMay } from '@/api/session'
import { pictureOf } from '@/boards/body'
import { DownloadItems } from '@/boards/download'
import { useWords } from '@/boards/words'
import { OpenedMenu } from '@/parts/opened'
import type { Opened } from '@/parts/opening'
import type { Question } from '@/questions/ask'
import { useTexts } from '@/texts'
import { exportOf, formulaOf } from './asking'
import { optionsOf, useTitle } from './result'
import type { SaveProps } from './save'
import { SaveDialog } from './savedialog'
import { drawnOf, kindFor, shapeOf } from './shape'

/** The menu of it. */
export default function SaveMenu({ search, asking, answer, opened }: SaveProps & { opened: Opened }) {
  const mayExport = useMay('export')
  const [isSaving, setSaving] = useState(false)
  const title = useTitle(asking.question)
  const picture = usePicture({ search, asking, answer })
  return (
    <>
      <OpenedMenu opened={opened} position="bottom-end" width={230}>
        <KeepItems
          question={asking.question}
          onWidget={() => {
            setSaving(true)
          }}
        />
        <DownloadItems title={title} question={mayExport ? asking.question : null} picture={picture} />
      </OpenedMenu>
      {isSaving && (
        <SaveDialog
          search={search}
          asking={asking}
          title={title}
          onClose={() => {
            setSaving(false)
          }}
        />
      )}
    </>
  )
}

/** What the question itself becomes: shown on a dashboard, named, or exported with all that is behind it. */
function KeepItems({ question, onWidget }: { question: Question; onWidget: () => void }) {
  const texts = useTexts('explore')
  const [mayCompose, mayExport] = [useMay('compose'), useMay('export')]
  const navigate = useNavigate()
  return (
    <>
      {mayCompose && (
        <Menu.Item leftSection={<IconLayoutGridAdd size={16} aria-hidden />} onClick={onWidget}>
          {texts.saveWidget}
        </Menu.Item>
      )}
      {mayCompose && (
        <Menu.Item
          leftSection={<IconMathFunction size={16} aria-hidden />}
          onClick={() => void navigate({ to: '/explore/metrics/new', search: { formula: formulaOf(question) } })}
        >
          {texts.saveMetric}
        </Menu.Item>
      )}
      {mayExport && (
        <Menu.Item
          leftSection={<IconFileExport size={16} aria-hidden />}
          onClick={() => void navigate({ to: '/exports/new', search: exportOf(question) })}
        >
          {texts.saveExport}
        </Menu.Item>
      )}
    </>
  )
}

function usePicture({ search, asking, answer }: SaveProps) {
  const words = useWords(asking.question.grain)
  return useMemo(() => {
    if (answer === undefined) return null
    const kind = kindFor(shapeOf(answer), search.kind)
    const [first] = drawnOf(answer, kind)
    return first === undefined || kind === 'card' ? null : pictureOf(kind, first, words, optionsOf(kind, search.stack))
  }, [answer, search.kind, search.stack, words])
}
