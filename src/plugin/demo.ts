/** The demo page's own script: an analytics.js that shows what it would send. */
type Call = { type: string; event?: string; userId?: string; integrations?: Record<string, unknown> };
type Step = (call: { payload: { obj: Call }; next(payload: { obj: Call }): void }) => void;

const queued: unknown = window.analytics;
const steps: Step[] = Array.isArray(queued) ? queued.map(([, step]) => step) : [];

function show(obj: Call): void {
  const output = document.querySelector('#call');
  if (output !== null) output.textContent = JSON.stringify(obj, null, 2);
}

function send(obj: Call): void {
  const through = (rest: Step[], payload: { obj: Call }): void => {
    const [step, ...others] = rest;
    if (step === undefined) show(payload.obj);
    else step({ payload, next: (next) => through(others, next) });
  };
  through(steps, { obj });
}

document.querySelector('#track')?.addEventListener('click', () => {
  send({ type: 'track', event: 'Order Completed' });
});
document.querySelector('#identify')?.addEventListener('click', () => {
  send({ type: 'identify', userId: 'user-1' });
});
document.querySelector('#consent')?.addEventListener('click', () => window.roktRtid?.consent(true));
const value = document.querySelector<HTMLElement>('#rtid');
if (value !== null) value.textContent = window.roktRtid?.() ?? value.dataset.none ?? 'none';

export {};
