"""What a guarded caller is shown: figures of groups of at least k people, fixed when a day is sealed.

An atom is the smallest sum that is ever shown: a row of a rollup with at least k people of whom none holds more than
85 % of any count or sum, or a pool of the other rows. Every answer is a sum of whole atoms, and within a chain of
rollups, each with more dimensions than the one before, the atoms of the finer add up to those of the coarser. So the
difference of two answers is a sum of whole atoms, too. A null subject is nobody: rows of nobody are pooled as small
ones are, but a day of nobody is shown as its total, and an empty day as zero: neither is about anybody.

Once shown, a day is never split further and joins no other: what was asked before must not tell more afterwards.

What subtraction can still find out, and who wants less than that declares less:
- Of two rollups neither of which has all dimensions of the other: what one hides may be narrowed down by the other.
- A rollup whose definition changed is another one: what the old one showed was cut by its own dimensions and measures.
- Uniques, distinct counts and quantiles of whole days: two ranges that differ by a day tell that day's new people.
- A measure with a filter is protected against one person who holds most of it, not against being about few.
- A day sealed again with as many people as before replaces what was shown, so that mistakes can be mended; whoever
  asked before sees what changed, though not of whom. What a later seal adds is counted in people, not weighed.
- An unsealed day moves in steps of k people, not weighed; its seal then shows the last step, of fewer than k.
- Corrections of a purged day are counted, not weighed.
- k is each day's own: after it changed, only days sealed later have the new one, and an unsealed day goes on in steps
  of it from the last one that was shown.
- That a group is hidden says that it is small or is mostly one person's; that a day is withheld, the same of the day.
- People who tell each other what is theirs, and other sources of the same facts, are beyond any rule about sums.
"""
