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
