// A chart and its data as files.
import { Menu } from '@mantine/core'
import {
  IconFileSpreadsheet,
  IconFileTypeCsv,
  IconFileTypeSvg,
  IconJson,
  IconPhoto,
  IconTable,
} from '@tabler/icons-react'
import { useChartTheme } from '@/charts/chart'
import type { Picture } from '@/charts/picture'
import { askFile, type FileFormat, type Question } from '@/questions/ask'
import { tell } from '@/parts/notices'
import { useProblemText } from '@/parts/state'
import { useTexts } from '@/texts'

interface DownloadProps {
  title: string
  /** What the data are asked with; without the right to take data away there is none. */
  question: Question | null
  picture: Omit<Picture, 'theme' | 'isStill'> | null
}

const WIDTH = 1200
const HEIGHT = 630

/** The items of a menu that save files. */
export function DownloadItems({ title, question, picture }: DownloadProps) {
  const texts = useTexts('answers')
  const theme = useChartTheme()
  const said = useProblemText()
  const trying = (make: () => Promise<Blob>, ending: string) => () => {
    make().then(
      (file) => {
        save(file, `${fileName(title)}.${ending}`)
      },
      (error: unknown) => {
        tell({ tone: 'bad', title: texts.downloadFailed, message: said(error) })
      },
    )
  }
  const drawn = (format: 'png' | 'svg') => async () => {
    const { loadWorld, optionOf, pictureFile } = await import('@/charts/engine')
    if (picture === null) throw new Error(texts.downloadFailed)
    if (picture.kind === 'map') await loadWorld()
    const option = optionOf({ ...picture, theme, isStill: true })
    return pictureFile({ option, width: WIDTH, height: HEIGHT, ground: theme.ground }, format)
  }
  const data = (format: FileFormat) => () => {
    if (question === null) throw new Error(texts.downloadFailed)
    return askFile(question, format, title)
  }
  return (
    <>
      {(picture !== null || question !== null) && <Menu.Label>{texts.download}</Menu.Label>}
      {picture !== null && (
        <>
          <Menu.Item leftSection={<IconPhoto size={16} aria-hidden />} onClick={trying(drawn('png'), 'png')}>
            {texts.asPng}
          </Menu.Item>
          <Menu.Item leftSection={<IconFileTypeSvg size={16} aria-hidden />} onClick={trying(drawn('svg'), 'svg')}>
            {texts.asSvg}
          </Menu.Item>
        </>
      )}
      {question !== null && (
        <>
          <Menu.Item leftSection={<IconFileTypeCsv size={16} aria-hidden />} onClick={trying(data('csv'), 'csv')}>
            {texts.asCsv}
          </Menu.Item>
          <Menu.Item leftSection={<IconFileSpreadsheet size={16} aria-hidden />} onClick={trying(data('xlsx'), 'xlsx')}>
            {texts.asXlsx}
          </Menu.Item>
          <Menu.Item leftSection={<IconJson size={16} aria-hidden />} onClick={trying(data('json'), 'json')}>
            {texts.asJson}
          </Menu.Item>
          <Menu.Item leftSection={<IconTable size={16} aria-hidden />} onClick={trying(data('parquet'), 'parquet')}>
            {texts.asParquet}
          </Menu.Item>
        </>
      )}
    </>
  )
}

/** Give a name that every file system takes. */
export function fileName(title: string): string {
  const name = title.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '')
  return name.slice(0, 80).toLowerCase() || 'keepsum'
}

function save(file: Blob, name: string) {
  const address = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => {
    URL.revokeObjectURL(address)
  }, 10_000)
}
