import { Badge, Button, Code, Table, Text } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client, take } from '@/api/client'
import { useSession } from '@/api/session'
import { Card } from '@/parts/card'
import { Confirm } from '@/parts/confirm'
import { Loaded } from '@/parts/loaded'
import { tell } from '@/parts/notices'
import { Empty } from '@/parts/state'
import { Since, When } from '@/parts/when'
import { WideTable } from '@/parts/wide'
import { useFormats, useTexts } from '@/texts'
import { NewToken } from './new-token'
import { tokensQuery, type Token } from './queries'
import { RoleBadges } from './role-badges'
import { standingOf } from './standing'

/** The tokens that applications come in with: made, shown once, revoked. */
export function Tokens() {
  const texts = useTexts('settings')
  const tokens = useQuery(tokensQuery)
  const [isMaking, setIsMaking] = useState(false)
  const [revoking, setRevoking] = useState<Token | null>(null)
  const make = (
    <Button
      leftSection={<IconKey size={16} />}
      onClick={() => {
        setIsMaking(true)
      }}
    >
      {texts.makeToken}
    </Button>
  )
  return (
    <Card title={texts.tokens} about={texts.tokensAbout} actions={make} flush>
      <Loaded query={tokens} height={240}>
        {(found) =>
          found.length === 0 ? (
            <Empty title={texts.noTokens} about={texts.noTokensAbout} icon={IconKey} />
          ) : (
            <TokensTable tokens={found} onRevoke={setRevoking} />
          )
        }
      </Loaded>
      {isMaking && (
        <NewToken
          onClose={() => {
            setIsMaking(false)
          }}
        />
      )}
      {revoking && (
        <Revoke
          token={revoking}
          onClose={() => {
            setRevoking(null)
          }}
        />
      )}
    </Card>
  )
}

function TokensTable({ tokens, onRevoke }: { tokens: readonly Token[]; onRevoke: (token: Token) => void }) {
  const texts = useTexts('settings')
  const head = [texts.tokenName, texts.role, texts.streams, texts.made, texts.ends, texts.used]
  return (
    <WideTable least={820} head={head} actions={texts.actions}>
      {tokens.map((token) => (
        <TokenRow
          key={token.id}
          token={token}
          onRevoke={() => {
            onRevoke(token)
          }}
        />
      ))}
    </WideTable>
  )
}

function TokenRow({ token, onRevoke }: { token: Token; onRevoke: () => void }) {
  const texts = useTexts('settings')
  const formats = useFormats()
  const standing = standingOf(token, useSession().now)
  return (
    <Table.Tr c={standing === 'works' ? undefined : 'dimmed'}>
      <Table.Td>
        <Text size="sm" fw={550}>
          {token.name}
        </Text>
        <Code>{token.start}…</Code>
      </Table.Td>
      <Table.Td>
        <RoleBadges names={[token.role]} />
      </Table.Td>
      <Table.Td>{token.streams === null ? texts.allStreams : formats.list(token.streams)}</Table.Td>
      <Table.Td>{token.made_at && <When at={token.made_at} />}</Table.Td>
      <Table.Td>
        {standing === 'revoked' && (
          <Badge miw="max-content" color="red">
            {texts.revoked}
          </Badge>
        )}
        {standing === 'ended' && (
          <Badge miw="max-content" color="gray">
            {texts.tokenEnded}
          </Badge>
        )}
        {standing === 'works' && (token.until === null ? texts.never : <When at={token.until} />)}
      </Table.Td>
      <Table.Td>{token.used_at === null ? texts.neverUsed : <Since at={token.used_at} />}</Table.Td>
      <Table.Td ta="right">
        {standing === 'works' && (
          <Button
            size="compact-sm"
            variant="subtle"
            color="red"
            onClick={onRevoke}
            aria-label={texts.revokeOf(token.name)}
          >
            {texts.revoke}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

function Revoke({ token, onClose }: { token: Token; onClose: () => void }) {
  const texts = useTexts('settings')
  const queries = useQueryClient()
  const revoking = useMutation({
    mutationFn: () => take(client.DELETE('/v1/tokens/{id}', { params: { path: { id: token.id } } })),
    onSuccess: async ({ tokens }) => {
      tell({ message: texts.stopped(tokens.map(({ name }) => name).join(', ')), tone: 'good' })
      onClose()
      await queries.invalidateQueries({ queryKey: ['tokens'] })
    },
  })
  return (
    <Confirm
      title={texts.revokeTitle(token.name)}
      about={texts.revokeAbout}
      name={{ value: token.name, label: texts.revokeConfirm(token.name) }}
      submit={texts.revoke}
      isPending={revoking.isPending}
      error={revoking.error}
      onSubmit={() => {
        revoking.mutate()
      }}
      onClose={onClose}
    />
  )
}
