// Draws hudline where no statusLine runs. Claude Code 2.1.332 and later load this file; it only passes on what the
// session knows to the installed program, and shows the last text that it printed.

const EVERY_MS = 10000
const LIMIT_MS = 2000
const MARGIN = 4 // Claude Code keeps these cells free

let text = null
let columns = 80
let state = 'idle' // or 'running', or 'again' if something changed meanwhile

function limit(found) {
  return found && { used_percentage: found.percentUsed, resets_at: Math.floor(Date.parse(found.resetsAt) / 1000) }
}

function modelName(id) {
  const found = /^claude-([a-z]+)-(\d+)(?:-(\d{1,2}))?(?!\d)/.exec(id ?? '')
  return found ? found[1][0].toUpperCase() + found[1].slice(1) + ' ' + found[2] + (found[3] ? '.' + found[3] : '') : id
}

async function payload($) {
  const [usage, id, version, info] = [await $.session.usage(), await $.session.model(), await $.session.version(), await $.session.info()]
  const [cwd, root] = [await $.session.cwd(), await $.session.root()]
  const limits = {}
  for (const each of usage.rateLimits ?? []) limits[each.kind] = limit(each)
  return {
    session_id: await $.session.id(),
    transcript_path: info.transcriptPath,
    cwd,
    workspace: { current_dir: cwd, project_dir: root },
    version: version.version,
    model: { id, display_name: modelName(id) },
    cost: { total_cost_usd: usage.cost?.usd },
    context_window: { context_window_size: usage.context?.window, used_percentage: usage.context?.percent },
    ...(Object.keys(limits).length ? { rate_limits: limits } : {}),
  }
}

async function draw($) {
  if (state !== 'idle') {
    state = 'again'
    return
  }
  do {
    state = 'running'
    try {
      const stdin = JSON.stringify(await payload($))
      const env = { COLUMNS: String(columns + MARGIN), HUDLINE_PROJECT: await $.session.root() }
      const tick = new URL('./tick', import.meta.url).pathname
      const done = await $.process.run(['/bin/sh', decodeURIComponent(tick)], { stdin, env, timeoutMs: LIMIT_MS })
      if (done.exitCode === 0 && done.stdout.trim()) text = done.stdout.replace(/\n+$/, '')
    } catch (error) {
      // The last text stays.
    }
    $.ui.invalidate('ui.render')
  } while (state === 'again')
  state = 'idle'
}

export function register(on) {
  on('session.start', async ($, event, next) => {
    $.clock.every(EVERY_MS, () => draw($))
    draw($)
    return next(event)
  })
  on('session.measure', async ($, event, next) => {
    draw($)
    return next(event)
  })
  on('ui.render', { component: 'StatusLine' }, async ($, event, next) => {
    const props = event.props
    if (props.text !== null || props.isManaged || text === null) return next(event) // someone's own line stays
    if (props.columns !== columns) {
      columns = props.columns
      draw($)
    }
    return next({ ...event, props: { ...props, text } })
  })
}
