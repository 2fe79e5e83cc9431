/**
 * The demo page: one can see the RTID travel into a Segment call. Without anything inline, so that a strict CSP holds.
 *
 * @param script its address.
 * @param queryParam the first name that the script looks for.
 * @param requiresConsent whether the script stores nothing before there is consent.
 */
export function renderDemoPage(script: string, queryParam: string, requiresConsent: boolean): string {
  const landing = `?${encodeURIComponent(queryParam)}=demo-click-123`;
  const consent = requiresConsent
    ? '\n<p><button id="consent">Give consent</button> before you go on: nothing is stored without it.</p>'
    : '';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Rokt RTID demo</title>
<link rel="stylesheet" href="demo.css">
<h1>RTID demo</h1>
<p>Arrive as a shopper does: <a href="${landing}">this page with ${landing}</a>, then
<a href="./">without it</a>: the value stays.</p>${consent}
<p>RTID on this page: <output id="rtid" data-none="none: add ${landing} to the address"></output></p>
<p><button id="track">track "Order Completed"</button> <button id="identify">identify</button></p>
<p>What Segment would receive:</p>
<pre id="call">(press a button)</pre>
<script src="${script}"></script>
<script src="demo.js"></script>
</html>
`;
}

/** Its style sheet, for light and dark. */
export const DEMO_STYLE = `:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 40rem; padding: 0 1rem; }
pre { border: 1px solid; overflow: auto; padding: 1rem; }
`;
