/** The style of the HTML report: light and dark as the reader has it, narrow and wide screens, paper. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c1e21; --quiet: #5f6770; --paper: #fff; --line: #dfe3e8; --bar: #3b6fd4; --good: #1a7f4b; --bad: #c0362c; --odd: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --quiet: #9aa4af; --paper: #16181b; --line: #31363c; --bar: #6a9bff; --good: #4cc38a; --bad: #ff7b6e; --odd: #e0b341; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .25rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: 0; }
code { font: .9em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); }
.verdict { font-weight: 600; }
.verdict.passed { color: var(--good); }
.verdict.failed { color: var(--bad); }
ul { list-style: none; margin: 0; padding: 0; }
.states { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: .5rem; margin-top: 1rem; }
.states li { border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .75rem; }
.states b { display: block; font-size: 1.4rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.states .none { color: var(--quiet); }
.states .rejected:not(.none) b, .states .pending:not(.none) b { color: var(--bad); }
.checks li { display: flex; gap: .75rem; padding: .5rem 0; border-top: 1px solid var(--line); }
.status { flex: 0 0 4.5rem; font-weight: 600; }
.passed .status { color: var(--good); }
.failed .status { color: var(--bad); }
.warning .status { color: var(--odd); }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .3rem 0; border-top: 1px solid var(--line); text-align: left; font-weight: normal; vertical-align: middle; }
th { width: 34%; padding-right: .75rem; overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; padding-left: .75rem; font-variant-numeric: tabular-nums; width: 1%; }
.bar div { height: .8rem; border-radius: .2rem; background: var(--bar); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.bar .failed { background: var(--bad); }
.bar .warning { background: var(--odd); }
@media (max-width: 34rem) { tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; align-items: center; border-top: 1px solid var(--line); padding: .3rem 0; } th, td { border: 0; padding-top: 0; padding-bottom: 0; width: auto; } th { grid-column: 1 / -1; } .amounts tr { display: flex; flex-wrap: wrap; gap: 0 .75rem; } .amounts th { flex: 1 0 100%; } .amounts .number { white-space: normal; overflow-wrap: anywhere; padding: 0; width: auto; } .checks li { flex-direction: column; gap: 0; } .status { flex-basis: auto; } }
@media print { body { font-size: 11pt; } main { max-width: none; padding: 0; } section { break-inside: avoid; } }
`;
