// What a chart tells of the place that is pointed at.  Made of elements, never of markup: a value of a dimension is text.
import { axisName, drawnValues, seriesColors, seriesName, type Picture } from './picture'

export interface Told {
  readonly color: string
  readonly name: string
  readonly figure: string
}

/** Give what is told of one place of the axis: every series there, the missing ones said to be. */
export function toldAt(picture: Picture, index: number, only?: number): { title: string; rows: Told[] } {
  const colors = seriesColors(picture)
  const rows = picture.plot.series.flatMap((series, place) => {
    if (only !== undefined && only !== place) return []
    const cell = series.cells[index] ?? null
    const share = picture.normal ? drawnValues(picture, series)[index] : undefined
    const written = cell === null ? picture.words.missing : picture.words.figure(cell, series, index)
    const figure = share === undefined || share === null ? written : `${written} (${picture.words.share(share)})`
    return [{ color: colors[place] ?? '', name: seriesName(picture, series), figure }]
  })
  return { title: axisName(picture, index, false), rows }
}

/** Give the same as an element for the page. */
export function tooltip({ title, rows }: { title: string; rows: readonly Told[] }): HTMLElement {
  const box = element('div', 'chart-tip')
  if (title !== '') box.append(element('div', 'chart-tip-title', title))
  for (const row of rows.slice(0, 12)) {
    const line = element('div', 'chart-tip-row')
    const mark = element('span', 'chart-tip-mark')
    mark.style.background = row.color
    line.append(mark, element('span', 'chart-tip-name', row.name), element('span', 'chart-tip-figure', row.figure))
    box.append(line)
  }
  if (rows.length > 12) box.append(element('div', 'chart-tip-row', '…'))
  return box
}

function element(tag: string, className: string, text?: string): HTMLElement {
  const made = document.createElement(tag)
  made.className = className
  // Names of both directions beside figures: each keeps its own.
  made.dir = 'auto'
  if (text !== undefined) made.textContent = text
  return made
}
