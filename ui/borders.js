// Which folder may import which: a feature is an island, and nothing below it knows that it exists.
import path from 'node:path'

const SOURCE = path.join(import.meta.dirname, 'src')
const TOP = new Set(['main.tsx', 'router.tsx'])

/** Give the place of a file: its folder in src, and for a feature also which. */
function placeOf(file) {
    const [folder, name] = path.relative(SOURCE, file).split(path.sep)
    return folder === 'features' ? `features/${name}` : folder
}

/** Say what is wrong with one place importing another, if anything is. */
function fault(from, to) {
    if (from === to || TOP.has(from) || from.startsWith('..')) return null
    if (to.startsWith('features/')) {
        return from.startsWith('features/')
            ? 'A feature imports no other: share it in src/parts.'
            : 'Nothing but the router imports a feature.'
    }
    if (to === 'shell' && !from.startsWith('features/')) return 'Only features and the router know the shell.'
    return null
}

export const borders = {
    meta: { type: 'problem', schema: [] },
    create(context) {
        const check = (node) => {
            const name = node.source?.value
            if (typeof name !== 'string' || !/^(@\/|\.)/.test(name)) return
            const target = name.startsWith('@/')
                ? path.join(SOURCE, name.slice(2))
                : path.resolve(path.dirname(context.filename), name)
            const message = fault(placeOf(context.filename), placeOf(target))
            if (message) context.report({ node, message })
        }
        return {
            ImportDeclaration: check,
            ImportExpression: check,
            ExportNamedDeclaration: check,
            ExportAllDeclaration: check,
        }
    },
}
