import { Alert, Button, Skeleton, Stack, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter, useRouterState } from '@tanstack/react-router'
import { useState } from 'react'
import { client, take, type Schema } from '@/api/client'
import { enter } from '@/api/session'
import { ButtonLink } from '@/parts/link'
import { PasswordField } from '@/parts/password'
import { useProblemText } from '@/parts/state'
import { useFormats, useTexts } from '@/texts'
import { EmailField } from './email'
import { Frame } from './frame'

type Known = Schema['LinkOut']

/** The page that a one-time link leads to: an owner's first, an invitation, or a new password. */
export function LinkPage() {
  const texts = useTexts('entry')
  const said = useProblemText()
  const link = useRouterState({ select: (state) => state.location.hash })
  const known = useQuery({
    queryKey: ['link', link],
    queryFn: ({ signal }) => take(client.GET('/v1/links/{link}', { params: { path: { link } }, signal })),
    enabled: link !== '',
    retry: false,
  })
  if (link === '' || known.isError) {
    return (
      <Frame title={texts.linkDead}>
        <Alert color="yellow" mb="md">
          {known.isError ? said(known.error) : texts.linkDeadAbout}
        </Alert>
        <ButtonLink to="/sign-in" variant="default" fullWidth>
          {texts.toSignIn}
        </ButtonLink>
      </Frame>
    )
  }
  if (known.isPending) {
    return (
      <Frame title={texts.linkOpening}>
        <Skeleton height={180} />
      </Frame>
    )
  }
  return <LinkForm link={link} known={known.data} />
}

function LinkForm({ link, known }: { link: string; known: Known }) {
  const texts = useTexts('entry')
  const formats = useFormats()
  const roles = formats.list(known.roles)
  const until = known.until === null ? '' : formats.dateTime(known.until)
  const about = { owner: texts.ownerAbout, invitation: texts.invitationAbout(roles), reset: texts.resetAbout }[
    known.kind
  ]
  const title = { owner: texts.owner, invitation: texts.invitation, reset: texts.reset }[known.kind]
  return (
    <Frame title={title} about={`${about} ${texts.until(until)}`}>
      <Fields link={link} kind={known.kind} />
    </Frame>
  )
}

function Fields({ link, kind }: { link: string; kind: Known['kind'] }) {
  const texts = useTexts('entry')
  const said = useProblemText()
  const [given, setGiven] = useState({ email: '', name: '', password: '' })
  const using = useUse(link, kind, given)
  const put = (part: keyof typeof given) => (event: React.ChangeEvent<HTMLInputElement>) => {
    setGiven({ ...given, [part]: event.currentTarget.value })
  }
  const isReset = kind === 'reset'
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        using.mutate()
      }}
    >
      <Stack gap="md">
        {kind === 'owner' && <EmailField value={given.email} onChange={put('email')} />}
        {!isReset && (
          <TextInput
            label={texts.name}
            description={texts.nameAbout}
            autoComplete="name"
            value={given.name}
            onChange={put('name')}
          />
        )}
        <PasswordField
          label={isReset ? texts.newPassword : texts.password}
          description={isReset ? texts.passwordAbout : texts.passwordOrOld}
          autoComplete="new-password"
          required
          value={given.password}
          onChange={put('password')}
        />
        {using.isError && (
          <Alert color="red" role="alert" p="xs">
            {said(using.error)}
          </Alert>
        )}
        <Button type="submit" size="md" loading={using.isPending}>
          {isReset ? texts.setPassword : texts.comeIn}
        </Button>
      </Stack>
    </form>
  )
}

/** Use the link up; an owner is then signed in, others show with the address that they know that they can. */
function useUse(link: string, kind: Known['kind'], given: { email: string; name: string; password: string }) {
  const router = useRouter()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async () => {
      const body = {
        password: given.password,
        email: kind === 'owner' ? given.email : null,
        name: given.name.trim() === '' ? null : given.name,
      }
      const used = await take(client.POST('/v1/links/{link}', { params: { path: { link } }, body }))
      if (kind !== 'owner') return '/sign-in'
      await enter({ email: given.email, password: given.password, workspace: used.workspace })
      return '/'
    },
    onSuccess: async (to) => {
      queries.clear()
      await router.navigate({ to, replace: true })
    },
  })
}
