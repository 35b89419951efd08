import { IconKeyOff, IconMapOff } from '@tabler/icons-react'
import { ButtonLink } from '@/parts/link'
import { Empty } from '@/parts/state'
import { useTexts } from '@/texts'

/** What stands at an address that leads nowhere. */
export function NotFound() {
  const texts = useTexts('shell')
  return (
    <main>
      <title>{`${texts.notFound} · Keepsum`}</title>
      <Empty title={texts.notFound} about={texts.notFoundAbout} icon={IconMapOff} order={1}>
        <ButtonLink to="/" variant="default" mt="xs">
          {texts.home}
        </ButtonLink>
      </Empty>
    </main>
  )
}

/** What somebody sees whose roles open no page. */
export function Nothing() {
  const texts = useTexts('shell')
  return <Empty title={texts.nothingTitle} about={texts.nothingAbout} icon={IconKeyOff} />
}
