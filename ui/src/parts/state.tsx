// What stands where there is nothing to show, or nothing that could be shown.
import { Button, Center, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { IconCloudOff, IconLock, IconMoodEmpty, type Icon } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Problem } from '@/api/problem'
import { saidIn } from '@/api/told'
import { useFormats, useTexts } from '@/texts'

interface StateProps {
  title: string
  about?: ReactNode
  icon?: Icon
  /** The level of its title: the first where it is all that a page has. */
  order?: 1 | 2
  children?: ReactNode
}

/** An empty state: what is missing, why, and what to do next. */
export function Empty({ title, about, icon: Mark = IconMoodEmpty, order = 2, children }: StateProps) {
  return (
    <Center mih={220} p="lg">
      <Stack align="center" gap="xs" maw={460}>
        <ThemeIcon variant="light" color="gray" size={48} radius="xl" aria-hidden>
          <Mark size={26} stroke={1.6} />
        </ThemeIcon>
        <Title order={order} fz="h2" ta="center">
          {title}
        </Title>
        {about !== undefined && (
          <Text c="dimmed" ta="center" size="sm">
            {about}
          </Text>
        )}
        {children}
      </Stack>
    </Center>
  )
}

/** What could not be shown: why in plain words, its code for whoever is asked for help, and another try. */
export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const texts = useTexts('parts')
  const said = useProblemText()(error)
  const code = error instanceof Problem ? error.code : 'PAGE_BROKE'
  const mark = error instanceof Problem && error.status === 403 ? IconLock : IconCloudOff
  return (
    <div role="alert" data-broke={error instanceof Problem ? undefined : true}>
      <Empty title={texts.failed} about={said} icon={mark}>
        <Text size="xs" c="dimmed" ff="monospace">
          {texts.code(code)}
        </Text>
        {retry !== undefined && (
          <Button variant="default" size="xs" onClick={retry}>
            {texts.retry}
          </Button>
        )}
      </Empty>
    </div>
  )
}

/** Give what says an error in one sentence: ours for the codes that we have words for, else the server's own. */
export function useProblemText(): (error: unknown) => string {
  const saying = useSaying()
  return (error) => {
    if (error instanceof Problem) return saying(error.code, error.detail)
    return error instanceof Error ? error.message : String(error)
  }
}

/** Give what says, in the language of the page, what a code and the server's sentence say. */
export function useSaying(): (code: string, sentence: string) => string {
  const known = useTexts('problems')
  const formats = useFormats()
  return (code, sentence) => saidIn(known, code, sentence, formats)
}
