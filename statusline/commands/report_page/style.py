"""The styles of the report, in a light and a dark scheme; no state is shown by color alone."""

STYLE = """
:root { color-scheme: light dark; --back: #fff; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --main: #0969da;
  --hit: #b3261e }
@media (prefers-color-scheme: dark) {
  :root { --back: #0d1117; --ink: #e6edf3; --soft: #9aa4af; --line: #30363d; --main: #58a6ff; --hit: #ff8177 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 60rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.6rem; margin: .5rem 0 0 }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem }
h3 { font-size: 1rem; margin: 1.5rem 0 .75rem; overflow-wrap: anywhere }
p { margin: .75rem 0 0; overflow-wrap: anywhere }
.about, .key, footer { color: var(--soft); font-size: .875rem }
.about { margin: 0 }
footer { margin: 3rem 0 1rem }
.plot { display: grid; grid-template-columns: minmax(3rem, max-content) minmax(0, 1fr); gap: .85rem .5rem }
.plot svg { grid-column: 2; grid-row: 1; display: block; overflow: visible }
.up, .across { display: flex; justify-content: space-between; color: var(--soft); font-size: .75rem; line-height: 1 }
.up { grid-column: 1; grid-row: 1; flex-direction: column; text-align: right; margin: -.375rem 0 }
.across { grid-column: 2; grid-row: 2 }
.hours .up { margin: 0; justify-content: space-around }
.hours .across span { width: 0; display: flex; justify-content: center; white-space: nowrap }
.hours .across span:first-child { justify-content: flex-start }
.hours .across span:last-child { justify-content: flex-end }
.mark { overflow: visible }
.grid, .curve, .even, .reset, .now { fill: none; vector-effect: non-scaling-stroke }
.grid { stroke: var(--line) }
.curve { stroke: var(--main); stroke-width: 1.5; stroke-linejoin: round }
.even { stroke: var(--soft); stroke-dasharray: 4 4 }
.reset, .now { stroke: var(--soft) }
.hit { fill: var(--hit) }
.bar { fill: var(--main) }
table { width: 100%; border-collapse: collapse; font-size: .9375rem }
th { text-align: left; font-weight: inherit }
thead th { color: var(--soft); font-size: .8125rem }
th, td { padding: .375rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
.name { width: 60%; overflow-wrap: anywhere }
.name span, .share { display: block }
.number { text-align: right; padding-left: .75rem; white-space: nowrap; font-variant-numeric: tabular-nums }
summary { margin: .75rem 0; cursor: pointer }
@media (max-width: 30rem) { .more { display: none } }
"""
