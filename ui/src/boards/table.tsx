// An answer as a table: sorted by any column, long ones drawn as far as they are seen.
import { Text, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react'
import { useMemo, useRef, useState, type ReactNode } from 'react'
import { createPortal } from 'react-dom'
import type { Answer, Cell, Column } from '@/answer/answer'
import { carriesUnit, change, figure, humanised, signedShare } from '@/answer/numbers'
import { groupKind } from '@/answer/series'
import type { Words } from '@/charts/picture'
import { useLater } from '@/parts/later'
import { useTexts } from '@/texts'
import classes from './boards.module.css'
import { usePaperRows } from './paperrows'
import { columnsOf, sorted, type Sorting, type TableColumn } from './rows'
import type { SeenProps } from './seenrows'

const FEW = 60

const loadSeen = () => import('./seenrows')

interface TableProps {
  answer: Answer
  words: Words
  title: string
  /** A value of a dimension, or a period, was chosen. */
  onPick?: (column: string, cell: Cell, at: { x: number; y: number }) => void
}

/** A table of an answer. */
export function AnswerTable({ answer, words, title, onPick }: TableProps) {
  const texts = useTexts('answers')
  const [sorting, setSorting] = useState<Sorting | null>(null)
  const columns = useMemo(() => columnsOf(answer), [answer])
  const rows = useMemo(() => sorted(answer, sorting), [answer, sorting])
  const room = useRef<HTMLDivElement>(null)
  const paper = usePaperRows(room, rows.length)
  // On paper nothing is chosen: text is all that a head which stands on every page may have.
  const pick = paper === null ? onPick : undefined
  const row = (index: number) => (
    <Row key={index} row={rows[index] ?? []} index={index} columns={columns} words={words} onPick={pick} />
  )
  const table = (body: ReactNode) => (
    <table className={classes['table']} aria-rowcount={rows.length + 1}>
      <Head columns={columns} sorting={sorting} onSort={paper === null ? setSorting : null} />
      <tbody>{body}</tbody>
      {answer.totals !== null && <Foot totals={answer.totals} columns={columns} words={words} />}
    </table>
  )
  return (
    // What scrolls is reachable by keyboard.
    // eslint-disable-next-line jsx-a11y-x/no-noninteractive-tabindex -- as said
    <div ref={room} className={classes['scroll']} tabIndex={0} role="group" aria-label={texts.tableOf(title)}>
      {paper === null
        ? table(<Rows count={rows.length} span={columns.length} room={room} row={row} />)
        : table(first(paper.fitting, row))}
      {paper?.end && (
        <>
          <Text size="xs" c="dimmed" className={classes['left'] ?? ''}>
            {texts.partOf(paper.fitting, rows.length)}
          </Text>
          {createPortal(<Whole title={title}>{table(first(rows.length, row))}</Whole>, paper.end)}
        </>
      )}
    </div>
  )
}

function first(count: number, row: (index: number) => ReactNode): ReactNode[] {
  return Array.from({ length: count }, (_, index) => row(index))
}

/** All of a table whose own room is too small on paper: its head stands on every page. */
function Whole({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes['whole']}>
      <h2 className={classes['title']} dir="auto">
        {title}
      </h2>
      {children}
    </section>
  )
}

interface FootProps {
  totals: readonly Cell[]
  columns: readonly TableColumn[]
  words: Words
}

function Foot({ totals, columns, words }: FootProps) {
  const texts = useTexts('answers')
  return (
    <tfoot>
      <tr>
        {columns.map((one, i) => (
          <td key={one.column.name} data-figure={one.column.kind === 'metric' || undefined}>
            {one.column.kind === 'metric' ? (
              <FigureCell row={totals} of={one} words={words} />
            ) : i === 0 ? (
              texts.total
            ) : (
              ''
            )}
          </td>
        ))}
      </tr>
    </tfoot>
  )
}

/** All rows of a short table; of a long one those that are seen, as soon as what finds them has come. */
function Rows(props: SeenProps) {
  const { count, row } = props
  const [isWhole, setWhole] = useState(false)
  const isLong = count > FEW && !isWhole
  const show = useLater(loadSeen, isLong, () => {
    setWhole(true)
  })
  if (isLong && show !== null) return show(props)
  return first(isLong ? FEW : count, row)
}

interface HeadProps {
  columns: readonly TableColumn[]
  sorting: Sorting | null
  /** Nothing, where it is only read. */
  onSort: ((sorting: Sorting | null) => void) | null
}

function Head({ columns, sorting, onSort }: HeadProps) {
  return (
    <thead>
      <tr>
        {columns.map(({ column }) => (
          <HeadCell
            key={column.name}
            column={column}
            descending={sorting?.column === column.name ? sorting.descending : null}
            onSort={onSort}
          />
        ))}
      </tr>
    </thead>
  )
}

/** The first click sorts figures from the largest and names from the first, the second turns it, the third ends it. */
function nextSorting({ name, kind }: Column, descending: boolean | null): Sorting | null {
  const first = kind === 'metric'
  if (descending === null) return { column: name, descending: first }
  return descending === first ? { column: name, descending: !first } : null
}

const SORTED = { true: 'descending', false: 'ascending', null: 'none' } as const

function HeadCell({
  column,
  descending,
  onSort,
}: { column: Column; descending: boolean | null } & Pick<HeadProps, 'onSort'>) {
  const texts = useTexts('answers')
  const name = column.kind === 'time' ? texts.period : humanised(column.name)
  const isFigure = column.kind === 'metric'
  const Mark = descending === true ? IconChevronDown : IconChevronUp
  const unit = isFigure && !carriesUnit(column.unit) && column.unit !== column.name && <Aside>{column.unit}</Aside>
  return (
    <th scope="col" data-figure={isFigure || undefined} aria-sort={SORTED[`${descending}`]}>
      {onSort === null ? (
        <>
          {name} {unit}
        </>
      ) : (
        <UnstyledButton
          className={classes['sort']}
          title={texts.sortBy(name)}
          onClick={() => {
            onSort(nextSorting(column, descending))
          }}
        >
          {name}
          {unit}
          {descending !== null && <Mark size={13} aria-hidden />}
        </UnstyledButton>
      )}
    </th>
  )
}

interface RowProps {
  row: readonly Cell[]
  index: number
  columns: readonly TableColumn[]
  words: Words
  onPick: TableProps['onPick']
}

function Row({ row, index, columns, words, onPick }: RowProps) {
  const dimensions = columns.filter(({ column }) => column.kind === 'dimension').map(({ at }) => row[at] ?? null)
  const kind = groupKind(dimensions)
  return (
    <tr aria-rowindex={index + 2} data-kind={kind === 'one' ? undefined : kind}>
      {columns.map((one) => (
        <td key={one.column.name} data-figure={one.column.kind === 'metric' || undefined}>
          {one.column.kind === 'metric' ? (
            <FigureCell row={row} of={one} words={words} />
          ) : (
            <NameCell
              cell={row[one.at] ?? null}
              column={one.column.name}
              isTime={one.column.kind === 'time'}
              words={words}
              onPick={onPick}
            />
          )}
        </td>
      ))}
    </tr>
  )
}

function NameCell({
  cell,
  column,
  isTime,
  words,
  onPick,
}: {
  cell: Cell
  column: string
  isTime: boolean
  words: Words
  onPick: TableProps['onPick']
}) {
  const name = isTime ? words.period(cell ?? '', false) : words.value(cell)
  const kind = groupKind([cell])
  if (onPick === undefined || kind === 'other' || kind === 'hidden') return <span dir="auto">{name}</span>
  return (
    <UnstyledButton
      className={classes['pick']}
      dir="auto"
      onClick={(event) => {
        const { left, bottom } = event.currentTarget.getBoundingClientRect()
        onPick(column, cell, { x: left, y: bottom })
      }}
    >
      {name}
    </UnstyledButton>
  )
}

function FigureCell({ row, of, words }: { row: readonly Cell[]; of: TableColumn; words: Words }) {
  const at = (place: number | null) => (place === null ? null : (row[place] ?? null))
  const [cell, before, error] = [at(of.at), at(of.before), at(of.error)]
  if (cell === null) return <Aside>{words.missing}</Aside>
  const moved = change(cell, before)
  return (
    <>
      {figure(cell, of.column, words.locale)}
      {error !== null && <Aside> ± {figure(error, { ...of.column, unit: '' }, words.locale)}</Aside>}
      {moved !== null && <Aside> {signedShare(moved, words.locale)}</Aside>}
    </>
  )
}

function Aside({ children }: { children: ReactNode }) {
  return (
    <Text span size="xs" c="dimmed">
      {children}
    </Text>
  )
}
