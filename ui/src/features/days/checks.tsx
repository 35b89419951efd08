import { Alert, Button, Group, List, Text, ThemeIcon } from '@mantine/core'
import { IconCheck, IconMinus, IconShieldCheck, IconX } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { client, take, type Schema } from '@/api/client'
import { saidIn } from '@/api/told'
import { When } from '@/parts/when'
import { useProblemText, useSaying } from '@/parts/state'
import { useFormats, useTexts } from '@/texts'
import { Section } from './section'

type Check = Schema['CheckOut']

interface ChecksProps {
  stream: string
  day: string
  checks: readonly Check[]
  isSealed: boolean
}

/** What the seal says was compared, and the same again on demand. */
export function Checks({ stream, day, checks, isSealed }: ChecksProps) {
  const texts = useTexts('days')
  const said = useProblemText()
  const verifying = useMutation({
    mutationFn: () => take(client.POST('/v1/days/{stream}/{day}/verify', { params: { path: { stream, day } } })),
  })
  const shown = useTold(verifying.data?.checks ?? checks)
  const shared = sharedDetail(shown)
  const verify = (
    <Button
      size="xs"
      variant="light"
      leftSection={<IconShieldCheck size={16} />}
      loading={verifying.isPending}
      onClick={() => {
        verifying.mutate()
      }}
    >
      {texts.verify}
    </Button>
  )
  if (!isSealed)
    return (
      <Section title={texts.proof}>
        <Text size="sm" c="dimmed">
          {texts.proofNone}
        </Text>
      </Section>
    )
  return (
    <Section title={texts.proof} actions={verify}>
      <div role="status">
        {verifying.data && (
          <Alert
            mb="sm"
            color={verifying.data.verified ? 'green' : 'red'}
            title={verifying.data.verified ? texts.verified : texts.notVerified}
          >
            {texts.verifiedAt} <When at={verifying.data.at ?? ''} />
          </Alert>
        )}
        {verifying.isError && (
          <Alert mb="sm" color="red" role="alert">
            {said(verifying.error)}
          </Alert>
        )}
      </div>
      {shared !== null && (
        <Text size="sm" mb="sm">
          {shared}
        </Text>
      )}
      <List listStyleType="none" spacing={8}>
        {shown.map((check) => (
          <CheckLine key={check.code} check={shared === null ? check : { ...check, detail: null }} />
        ))}
      </List>
    </Section>
  )
}

// Details in the language of the page.
function useTold(checks: readonly Check[]): readonly Check[] {
  const { checkDetails, checksUndone } = useTexts('days')
  const formats = useFormats()
  const saying = useSaying()
  return checks.map((check) => {
    const { code, why, detail } = check
    if (detail === null) return check
    if (why === null) return { ...check, detail: saidIn(checkDetails, code, detail, formats) }
    return { ...check, detail: checksUndone[why] ?? saying(why, detail) }
  })
}

// What is the same for every check is said once.
function sharedDetail(checks: readonly Check[]): string | null {
  const details = new Set(checks.map(({ detail }) => detail))
  return checks.length > 1 && details.size === 1 ? (checks[0]?.detail ?? null) : null
}

const MARKS = {
  passed: { icon: IconCheck, color: 'green' },
  failed: { icon: IconX, color: 'red' },
  notChecked: { icon: IconMinus, color: 'gray' },
} as const

function CheckLine({ check }: { check: Check }) {
  const texts = useTexts('days')
  const result = check.passed === null ? 'notChecked' : check.passed ? 'passed' : 'failed'
  const { icon: Mark, color } = MARKS[result]
  return (
    <List.Item>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <ThemeIcon size={20} radius="xl" variant="light" color={color} role="img" aria-label={texts[result]}>
          <Mark size={14} stroke={2.4} aria-hidden />
        </ThemeIcon>
        <div>
          <Text size="sm">{texts.checks[check.code] ?? check.about}</Text>
          {check.detail !== null && (
            <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {check.detail}
            </Text>
          )}
        </div>
      </Group>
    </List.Item>
  )
}
