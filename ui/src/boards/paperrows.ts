// The rows of a table on paper, where nobody can scroll: those that fit, and all of them at the end if that is too few.
import { useEffect, useState, type RefObject } from 'react'
import { watchPaper } from '@/parts/paper'

/** The id of what stands at the end of a page that has tables. */
export const PAPER_END = 'paper-end'
export const ROW = 33 // pixels

export interface PaperRows {
  /** How many rows the table's own room shows. */
  readonly fitting: number
  /** Where all of them stand, if these are not. */
  readonly end: HTMLElement | null
}

/** Give what a table shows on paper; nothing as long as it is on a screen. */
export function usePaperRows(room: RefObject<HTMLElement | null>, count: number): PaperRows | null {
  const [rows, setRows] = useState<PaperRows | null>(null)
  useEffect(
    () =>
      watchPaper((isPaper) => {
        setRows(isPaper && room.current !== null ? rowsOf(room.current, count) : null)
      }),
    [room, count],
  )
  return rows
}

function rowsOf(room: HTMLElement, count: number): PaperRows {
  const fitting = rowsIn(room, count)
  return { fitting, end: fitting < count ? document.getElementById(PAPER_END) : null }
}

/** Give how many whole rows fit between head and foot; if not all, one less for the line that says so. */
function rowsIn(room: HTMLElement, count: number): number {
  const around = ['thead', 'tfoot'].reduce((sum, part) => sum + (room.querySelector(part)?.clientHeight ?? 0), 0)
  const fitting = Math.floor((room.clientHeight - around) / ROW)
  return fitting >= count ? count : Math.max(0, fitting - 1)
}
