import { Text } from '@mantine/core'
import { Card } from '@/parts/card'
import { Snippet } from '@/parts/snippet'
import { useTexts } from '@/texts'

export const ATTACH = 'keepsum attach --url postgresql://reader@localhost/shop --table orders'

const PACK = `# packs/shop.py
from keepsum import Count, Metric, Money, Pack, Rollup, Stream, Sum, Text, days, years

ORDERS = Stream(
    "orders", about="One order.", time="ordered_at", key="id", subject="customer", keep=days(30),
    fields=(Text("country", most=60), Money("total", unit="EUR", required=True)),
)
DAILY = Rollup(
    "orders_daily", of=ORDERS, by=("country",), keep=years(3), measures=(Count("orders"), Sum("total")),
)
PACK = Pack(
    "shop", streams=(ORDERS,), rollups=(DAILY,),
    metrics=(Metric("orders", DAILY.orders), Metric("revenue", DAILY.total, unit="EUR")),
)`

/** What comes first where no pack declares a stream yet. */
export function Declare() {
  const texts = useTexts('start')
  return (
    <>
      <Card title={texts.declare} about={texts.declareAbout}>
        <Snippet code={PACK} label={texts.declare} />
      </Card>
      <Card title={texts.attach} about={texts.attachAbout}>
        <Snippet code={ATTACH} label={texts.attach} />
        <Text size="sm" c="dimmed" mt="sm">
          {texts.restart}
        </Text>
      </Card>
    </>
  )
}
