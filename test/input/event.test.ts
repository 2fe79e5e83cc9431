import { describe, expect, it } from 'vitest';
import { toRejectedSource } from '../../src/input/rejects.js';
import type { InputRecord } from '../../src/interfaces.js';
import { eventsOf, problemsOf, readAll } from '../helpers/read.js';

const first = async (text: string, columns = {}) => eventsOf(await readAll(text, { columns }))[0];

describe('a row becomes a Segment event', () => {
  it('by the usual header names of an order table', async () => {
    const header =
      'Order No.;E-Mail;Order Total;Currency Code;Paid at;Phone Number;First Name;Surname;ZIP;IP Address;User Agent;rtid;Gift\n';
    const row =
      "007;a@example.com;1.234,50;EUR;2026-11-01T10:00:00Z;'+4930123;Ada;L;'01234;203.0.113.7;curl/8;click;TRUE\n";
    expect(await first(header + row)).toMatchObject({
      type: 'track',
      event: 'Order Completed',
      timestamp: '2026-11-01T10:00:00Z',
      context: { ip: '203.0.113.7', userAgent: 'curl/8' },
      integrations: { 'Rokt Conversions API': { rtid: 'click' } },
      properties: {
        order_id: '007',
        email: 'a@example.com',
        revenue: 1234.5,
        currency: 'EUR',
        phone: '+4930123',
        first_name: 'Ada',
        last_name: 'L',
        address: { postal_code: '01234' },
        Gift: true,
      },
    });
  });

  it('by nested names', async () => {
    const event = await first(
      'properties.order_id,products[0].sku,products[1].sku,context.device.type,messageId\n1,A,B,ios,m\n',
    );
    expect(event).toMatchObject({
      messageId: 'm',
      properties: { order_id: '1', products: [{ sku: 'A' }, { sku: 'B' }] },
      context: { device: { type: 'ios' } },
    });
  });

  it('by the names of a warehouse table', async () => {
    const event = await first(
      'id,user_id,event,event_text,received_at,timestamp,context_ip,context_page_search,context_device_advertising_id,order_id,plan\nm,u,order_completed,Order Completed,2026-11-02,2026-11-01,203.0.113.7,?rtid=x,ad,W-1,gold\n',
    );
    expect(event).toMatchObject({
      messageId: 'm',
      userId: 'u',
      event: 'Order Completed',
      timestamp: '2026-11-01',
      context: { ip: '203.0.113.7', page: { search: '?rtid=x' }, device: { advertisingId: 'ad' } },
      properties: { order_id: 'W-1', plan: 'gold' },
    });
  });

  it('by source.columns, which comes first and may name several places', async () => {
    const event = await first('Ref,Total,Net\n9,5,4\n', {
      Ref: ['properties.order_id', 'messageId'],
      net: ['properties.revenue'],
    });
    expect(event).toMatchObject({ messageId: '9', properties: { order_id: '9', revenue: 4, Total: '5' } });
  });

  it('leaves blank cells out, and takes the first of two columns for one place that is not blank', async () => {
    const event = await first('Paid at,Created at,Email,Note\n ,2026-11-01,a@example.com,\n');
    expect(event).toMatchObject({ timestamp: '2026-11-01' });
    expect(event?.properties).toEqual({ email: 'a@example.com' });
  });

  it('also when it is a flat JSON object', async () => {
    expect(await first('{"Order Number":12,"Total":"5.00","E-mail":"a@example.com"}\n')).toMatchObject({
      type: 'track',
      properties: { order_id: 12, revenue: 5, email: 'a@example.com' },
    });
  });
});

describe('the id of a record that has none', () => {
  const idOf = async (text: string) => (await first(text))?.messageId;

  it('is a UUIDv5 of its content: the same in every run and in every order of columns', async () => {
    const id = await idOf('Order Number,Email\n1,a@example.com\n');
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(await idOf('Email;Order Number;Empty\r\na@example.com; 1 ;\r\n')).toBe(id);
    expect(await idOf('Order Number,Email\n2,a@example.com\n')).not.toBe(id);
  });

  it('does not change between releases', async () => {
    expect(await idOf('Order Number,Email\n1,a@example.com\n')).toMatchInlineSnapshot(
      `"c3e04afe-3229-5535-9548-e69b66644a9e"`,
    );
  });
});

describe('a rejects file', () => {
  const wrap = (record: InputRecord, messageId?: string) =>
    `${JSON.stringify({ file: 'x.csv', line: 9, reason: 'r', code: 'C', messageId, ...toRejectedSource(record.source) })}\n`;

  it('can be read as it is, and a mended row keeps its id', async () => {
    const [row] = await readAll('Order Number,Email\n1,\n');
    const before = eventsOf(row === undefined ? [] : [row])[0];
    const mended = wrap(row ?? expect.fail(), before?.messageId).replace(
      '"Email":""',
      '"Email":"a@example.com"',
    );
    const after = eventsOf(await readAll(mended))[0];
    expect(after).toMatchObject({ messageId: before?.messageId, properties: { email: 'a@example.com' } });
  });

  it('has the text and the header of a row that could not be read, so that the text can be mended', async () => {
    const [ragged] = await readAll('Order Number;Email\n1\n');
    const line = wrap(ragged ?? expect.fail());
    expect(problemsOf(await readAll(line))).toEqual([[1, 'REJECTED_STILL_UNREADABLE']]);
    const [event] = eventsOf(await readAll(line.replace('"record":"1"', '"record":"1;a@example.com"')));
    expect(event).toMatchObject({ properties: { order_id: '1', email: 'a@example.com' } });
  });
});
