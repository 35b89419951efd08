import { Menu, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { IconBook2, IconLogout, IconUserCircle } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { leave, useSession } from '@/api/session'
import { OpenedMenu } from '@/parts/opened'
import type { Opened } from '@/parts/opening'
import { LANGUAGES, useLanguage, useTexts, type Language } from '@/texts'

const SCHEMES = ['light', 'dark', 'auto'] as const

/** Who one is, how the interface looks and speaks, and the way out. */
export default function AccountMenu({ opened }: { opened: Opened }) {
  const texts = useTexts('shell')
  const session = useSession()
  return (
    <OpenedMenu opened={opened} position="top-start" width={230} closeOnItemClick={false}>
      <SchemeItems />
      <LanguageItems />
      <Menu.Divider />
      <Exits />
      <Menu.Divider />
      <Menu.Label>{texts.version(session.version)}</Menu.Label>
    </OpenedMenu>
  )
}

function SchemeItems() {
  const texts = useTexts('shell')
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <>
      <Menu.Label>{texts.scheme}</Menu.Label>
      <Menu.RadioGroup
        value={colorScheme}
        onChange={(scheme) => {
          setColorScheme(scheme as MantineColorScheme)
        }}
      >
        {SCHEMES.map((scheme) => (
          <Menu.RadioItem key={scheme} value={scheme}>
            {texts[scheme]}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
    </>
  )
}

function LanguageItems() {
  const texts = useTexts('shell')
  const { language, speak } = useLanguage()
  return (
    <>
      <Menu.Label>{texts.language}</Menu.Label>
      <Menu.RadioGroup
        value={language}
        onChange={(one) => {
          speak(one as Language)
        }}
      >
        {Object.entries(LANGUAGES).map(([one, name]) => (
          <Menu.RadioItem key={one} value={one} lang={one}>
            {name}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
    </>
  )
}

function Exits() {
  const texts = useTexts('shell')
  const router = useRouter()
  const queries = useQueryClient()
  const out = useMutation({
    mutationFn: leave,
    onSettled: async () => {
      queries.clear()
      await router.navigate({ to: '/sign-in', reloadDocument: true })
    },
  })
  return (
    <>
      <Menu.Item
        leftSection={<IconUserCircle size={16} aria-hidden />}
        closeMenuOnClick
        onClick={() => void router.navigate({ to: '/account' })}
      >
        {texts.account}
      </Menu.Item>
      <Menu.Item component="a" href="/docs" target="_blank" leftSection={<IconBook2 size={16} aria-hidden />}>
        {texts.docs}
      </Menu.Item>
      <Menu.Item
        leftSection={<IconLogout size={16} aria-hidden />}
        disabled={out.isPending}
        onClick={() => {
          out.mutate()
        }}
      >
        {texts.signOut}
      </Menu.Item>
    </>
  )
}
