import { Table, VisuallyHidden, type TableProps } from '@mantine/core'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import classes from './wide.module.css'

/** Room for a table that may be wider than the screen: then it is scrolled to, with the keyboard too. */
export function Wide({ least, children }: { least: number; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  const [isCut, setIsCut] = useState(false)
  useEffect(() => {
    const node = box.current
    if (node === null) return
    const observer = new ResizeObserver(() => {
      setIsCut(node.scrollWidth > node.clientWidth)
    })
    observer.observe(node)
    return () => {
      observer.disconnect()
    }
  }, [])
  return (
    <div ref={box} className={classes['wide']} {...(isCut && { tabIndex: 0 })}>
      <div style={{ minWidth: least }}>{children}</div>
    </div>
  )
}

/** What stands over a column: a name, over numbers at their right edge. */
export type Head = string | { readonly right: string }

export interface WideTableProps {
  /** How many pixels it needs at least. */
  least: number
  head: readonly Head[]
  /** What the last column of buttons is called, to those who do not see that it is one. */
  actions?: string
  spacing?: TableProps['verticalSpacing']
  /** The rows. */
  children: ReactNode
}

/** A table with a head, in room of its own. */
export function WideTable({ least, head, actions, spacing = 'sm', children }: WideTableProps) {
  return (
    <Wide least={least}>
      <Table verticalSpacing={spacing} horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr>
            {head.map((one) =>
              typeof one === 'string' ? (
                <Table.Th key={one}>{one}</Table.Th>
              ) : (
                <Table.Th key={one.right} ta="right">
                  {one.right}
                </Table.Th>
              ),
            )}
            {actions !== undefined && (
              <Table.Th>
                <VisuallyHidden>{actions}</VisuallyHidden>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </Wide>
  )
}
