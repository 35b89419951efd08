// The widgets of a board in their places: on a screen over twelve columns, on paper in bands that no page cuts.
import type { CSSProperties, ReactNode } from 'react'
import classes from './boards.module.css'
import type { Widget } from './document'
import { bands } from './layout'

const PAGE = 13 // rows that fit on a page of A4 on its side

/** Widgets, each shown by `children`. */
export function Grid({ widgets, children }: { widgets: readonly Widget[]; children: (widget: Widget) => ReactNode }) {
  return (
    <div className={classes['board']}>
      {bands(widgets).map(({ top, height, widgets: band }) => (
        <div key={band[0]?.id} className={classes['band']} data-whole={height <= PAGE || undefined}>
          {band.map((widget) => (
            <div
              key={widget.id}
              className={classes['spot']}
              style={placed(widget, top)}
              data-tall={(widget.kind !== 'card' && widget.kind !== 'text') || undefined}
            >
              {children(widget)}
            </div>
          ))}
        </div>
      ))}
    </div>
  )
}

function placed({ place: { x, y, w, h } }: Widget, top: number): CSSProperties {
  return { gridColumn: `${x + 1} / span ${w}`, '--row': y + 1, '--own-row': y - top + 1, '--rows': h } as CSSProperties
}
