import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputRecord } from '../../src/input/input-record.js';
import { toRejectedSource } from '../../src/input/rejects.js';
import { eventsOf, problemsOf, readAll } from '../helpers/read.js';

/** Ids that are made of the content of a record. */
const MADE_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-5/;
const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
/** Tables, and what their rows are once they are fixed; some of them have a cell too few before. */
const fixedTables = fc
  .uniqueArray(
    fc.constantFrom(
      ...['type', 'event', 'messageId', 'timestamp', 'userId', 'properties', 'traits', 'context'],
      ...['Order Number', 'E-mail', 'email', 'Total', 'zip', 'idfa', 'rtid', 'context.ip', '2026', '7'],
      ...['id', 'received_at', '__proto__', 'record', 'columns', 'integrations'],
      ...['TYPE', 'PROPERTIES', 'TRAITS'],
    ),
    { minLength: 3, maxLength: 6 },
  )
  .chain((columns) => {
    const cell = fc.constantFrom(
      ...['', ' ', 'x', "'0042", '1,234.50', 'true', 'identify', 'a@example.com', '2026-11-01', '\n', '"'],
      ...['{"revenue":12.5,"email":"b@example.com"}', '{"device":{"type":"ios"}}', '[1]', '{', 'null'],
    );
    // A row of empty cells is none, with a cell too few as well.
    const values = fc
      .array(cell, { minLength: columns.length, maxLength: columns.length })
      .filter((cells) => cells.slice(1).some((text) => text.trim() !== ''));
    const pair = fc.record({ before: values, after: values, ragged: fc.boolean() });
    return fc.record({
      columns: fc.constant(columns),
      rows: fc.array(pair, { minLength: 1, maxLength: 4 }),
      delimiter: fc.constantFrom(',', ';', '\t', '|'),
    });
  })
  .map(({ columns, rows, delimiter }) => ({
    columns,
    delimiter,
    before: rows.map(({ before, ragged }) => (ragged ? before.slice(1) : before)),
    after: rows.map(({ after }) => after),
  }));

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

  it('a column may name a key in brackets, as a path of a mapping does', async () => {
    const header = `integrations['Rokt Conversions API'].rtid,"traits[""cart-abandoners""]",items['a.b'][0]\n`;
    expect(await first(`${header}click,true,x\n`)).toMatchObject({
      integrations: { 'Rokt Conversions API': { rtid: 'click' } },
      traits: { 'cart-abandoners': true },
      properties: { items: { 'a.b': ['x'] } },
    });
  });

  it('in which a name is a name, also where it is True; elsewhere TRUE is a boolean', async () => {
    expect(await first('First Name,Surname,Gift\nTrue,false,True\n')).toMatchObject({
      properties: { first_name: 'True', last_name: 'false', Gift: true },
    });
    expect(await first('traits.last_name,properties.audience_name\nTrue,TRUE\n')).toMatchObject({
      traits: { last_name: 'True' },
      properties: { audience_name: 'TRUE' },
    });
    expect(await first('{"First Name":"True","Gift":"True"}\n')).toMatchObject({
      properties: { first_name: 'True', Gift: true },
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

  it('by the names of a warehouse table, also in the upper case that Snowflake has them in', async () => {
    const event = await first(
      'ID,USER_ID,EVENT,EVENT_TEXT,RECEIVED_AT,TIMESTAMP,CONTEXT_IP,CONTEXT_PAGE_SEARCH,ORDER_ID,TOTAL,REVENUE,PLAN,Gift ID\nm,u,order_completed,Order Completed,2026-11-02,2026-11-01,203.0.113.7,?rtid=x,W-1,6,5,gold,7\n',
    );
    expect(event).toEqual({
      type: 'track',
      messageId: 'm',
      userId: 'u',
      event: 'Order Completed',
      timestamp: '2026-11-01',
      context: { ip: '203.0.113.7', page: { search: '?rtid=x' } },
      properties: {
        order_id: 'W-1',
        revenue: 5,
        total: '6',
        plan: 'gold',
        event: 'order_completed',
        received_at: '2026-11-02',
        'Gift ID': '7',
      },
    });
  });

  it('by the names that Snowflake gives to the objects of a call, where they hold some, and its type', async () => {
    const order = '"{""order_id"":""1"",""revenue"":5}"';
    const events = eventsOf(
      await readAll(`TYPE,EVENT,USER_ID,PROPERTIES,TRAITS
track,Order Completed,u1,${order},
identify,,u2,,"{""email"":""a@example.com""}"
sale,Order Completed,u3,none,
`),
    );
    expect(events).toMatchObject([
      { type: 'track', userId: 'u1', properties: { order_id: '1', revenue: 5 } },
      { type: 'identify', userId: 'u2', traits: { email: 'a@example.com' } },
      { type: 'track', userId: 'u3', properties: { TYPE: 'sale', PROPERTIES: 'none' } },
    ]);
  });

  it('by the columns that the README names', async () => {
    const event = await first(
      'Order Number,E-mail,Total,Currency,Paid at,Phone,Postal Code,IP,rtid\n1,a@example.com,5,EUR,2026-11-01,+1,01234,192.0.2.1,x\n',
    );
    expect(event).toMatchObject({
      timestamp: '2026-11-01',
      context: { ip: '192.0.2.1' },
      integrations: { 'Rokt Conversions API': { rtid: 'x' } },
      properties: {
        ...{ order_id: '1', email: 'a@example.com', revenue: 5, currency: 'EUR', phone: '+1' },
        address: { postal_code: '01234' },
      },
    });
  });

  it('of a warehouse table the same one in whatever order its columns stand', async () => {
    const cells = {
      ...{ id: 'row', message_id: 'm', original_timestamp: '2026-11-01', sent_at: '2026-11-02' },
      ...{ received_at: '2026-11-03', event: 'order_completed', event_text: 'Order Completed' },
    };
    const names = Object.keys(cells);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(Object.entries(cells), { minLength: names.length }),
        fc.constantFrom(...names, 'none'),
        async (columns, missing) => {
          const there = columns.filter(([name]) => name !== missing);
          const event = await first(
            `${there.map(([name]) => name).join()}\n${there.map(([, cell]) => cell).join()}\n`,
          );
          expect(event).toMatchObject({
            messageId: missing === 'message_id' ? 'row' : 'm',
            timestamp: missing === 'original_timestamp' ? '2026-11-02' : '2026-11-01',
            event: missing === 'event_text' ? 'order_completed' : 'Order Completed',
          });
        },
      ),
    );
  });

  it('by source.columns, where two columns have one name but for its case, too', async () => {
    const event = await first('Ref,ref\n1,2\n', { Ref: ['properties.order_id'], ref: ['userId'] });
    expect(event).toMatchObject({ userId: '2', properties: { order_id: '1' } });
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

  it.each(['Customer ID,Email\n0,a@example.com\n', '{"Customer ID":0,"Email":"a@example.com"}\n'])(
    'without a customer id where it is 0, which shops give to every guest: %j',
    async (text) => {
      const event = await first(text, { 'Customer ID': ['userId'] });
      expect(event?.userId).toBeUndefined();
      expect(event?.properties).toEqual({ email: 'a@example.com' });
    },
  );

  it('with another customer id where the first is that of a guest', async () => {
    expect(await first('customer_id,member_id\n0,m7\n')).toMatchObject({ userId: 'm7' });
    expect(await first('customer_id,Email\n10,a@example.com\n')).toMatchObject({ userId: '10' });
  });

  it("with the user id 0 where the column is one of Segment's own", async () => {
    for (const column of ['userId', 'user_id', 'USER_ID']) {
      expect(await first(`${column},Email\n0,a@example.com\n`), column).toMatchObject({ userId: '0' });
    }
  });

  it.each([
    ['Order Date,Order Time\n25/11/2026,09:15:00\n', '25/11/2026 09:15:00'],
    ['Order Time,Order Date\n9:15 AM,11/25/2026\n', '11/25/2026 09:15:00'],
    ['Order Date,Order Time\n2026-11-25,09:15:00.0000000\n', '2026-11-25 09:15:00'],
    ['Date,Time\n20261125,9:15\n', '20261125 09:15:00'],
    ['Date,Time\n20261125,9:15Z\n', '20261125 09:15:00Z'],
    ['Date,Time\n2026-11-25,09:15 UTC\n', '2026-11-25 09:15:00UTC'],
    ['Date,Time\n2026-11-25,09:15:00+02:00\n', '2026-11-25 09:15:00+02:00'],
    ['Date,Time\n25/11/2026,09:15:00+02:00\n', '25/11/2026'],
    ['date,time\n2026-11-25,9:15 p.m.\n', '2026-11-25 21:15:00'],
    ['date,time\n2026-11-25,13:15 PM\n', '2026-11-25'],
    ['date,time\n2026-11-25,9:15\n', '2026-11-25 09:15:00'],
    ['Date,Time\n2026-11-25 10:00,09:15\n', '2026-11-25 10:00'],
    ['Date,Time\n2026-11-25,\n', '2026-11-25'],
    ['Date,Time\n2026-11-25,morning\n', '2026-11-25'],
    ['Date,Time\n1795597200,09:15\n', '1795597200'],
    ['Order Date,Time\n2026-11-25,09:15\n', '2026-11-25'],
  ])('with its date and its time of day together, where each has a column: %j', async (text, timestamp) => {
    expect(await first(text)).toMatchObject({ timestamp });
  });

  it('also when it is a flat JSON object', async () => {
    expect(await first('{"Order Number":12,"Total":"5.00","E-mail":"a@example.com"}\n')).toMatchObject({
      type: 'track',
      properties: { order_id: '12', revenue: 5, email: 'a@example.com' },
    });
  });
});

describe('no cell is lost', () => {
  it('where a column is called like the object that another one belongs into', async () => {
    expect(await first('zip,address,email\n123,Main St 1,a@example.com\n')).toMatchObject({
      properties: { address: { postal_code: '123', address: 'Main St 1' }, email: 'a@example.com' },
    });
    expect(await first('{"zip":"123","address":{"city":"Bern"}}\n')).toMatchObject({
      properties: { address: { postal_code: '123', city: 'Bern' } },
    });
  });

  it('where a column is called like a part of an event', async () => {
    expect(await first('Order Number,properties,email\n1,"{""plan"":""x""}",a@example.com\n')).toMatchObject({
      properties: { order_id: '1', plan: 'x', email: 'a@example.com' },
    });
    expect(await first('Order Number,context,ip\n1,web,192.0.2.1\n')).toMatchObject({
      properties: { order_id: '1', context: 'web' },
      context: { ip: '192.0.2.1' },
    });
  });

  it('where two columns lead to one place: one stays under its own name', async () => {
    for (const header of ['Email,email', 'email,Email']) {
      const event = await first(`${header}\na@example.com,b@example.com\n`);
      expect(Object.keys(event?.properties ?? {}).sort()).toEqual(['Email', 'email']);
    }
  });

  it('where the entries of a list come in another order', async () => {
    expect(await first('products[1].sku,products[0].sku\nB,A\n')).toMatchObject({
      properties: { products: [{ sku: 'A' }, { sku: 'B' }] },
    });
  });

  it('where a header has points that are no path', async () => {
    const event = await first('Tel. Number,Email\n1,a@example.com\n');
    expect(event?.properties).toEqual({ 'Tel. Number': '1', email: 'a@example.com' });
  });
});

describe('a device id whose name says the device', () => {
  it.each([
    ['IDFA', { advertisingId: 'x', type: 'ios' }],
    ['idfv', { id: 'x', type: 'ios' }],
    ['gaid', { advertisingId: 'x', type: 'android' }],
    ['AAID', { advertisingId: 'x', type: 'android' }],
  ])('%s goes where it is looked for, with the type', async (column, device) => {
    expect((await first(`Email,${column}\na@example.com,x\n`))?.context).toEqual({ device });
  });

  it('is never taken for the id of another device', async () => {
    expect(await first('Email,GAID,IDFV\na@example.com,x,y\n')).toMatchObject({
      context: { device: { advertisingId: 'x', type: 'android' } },
      properties: { IDFV: 'y' },
    });
    expect((await first('Email,GAID,Device Type\na@example.com,x,iOS\n'))?.context).toEqual({
      device: { type: 'iOS' },
    });
  });
});

describe('what is an event, and what is a row', () => {
  it('a column "type" of a shop does not make its orders something else', async () => {
    expect(await first('Order Number,type\n1,sale\n')).toMatchObject({
      type: 'track',
      event: 'Order Completed',
      properties: { order_id: '1', type: 'sale' },
    });
  });

  it('a flat object with a context beside what it says of the order is a row, whatever else it has', async () => {
    const order = { order_id: 'o', email: 'a@example.com', total: 5, context: { ip: '192.0.2.1' } };
    for (const more of [{}, { type: 'track', event: 'Order Completed', messageId: 'm' }]) {
      expect(await first(JSON.stringify({ ...order, ...more }))).toMatchObject({
        ...more,
        properties: { order_id: 'o', email: 'a@example.com', revenue: 5 },
        context: { ip: '192.0.2.1' },
      });
    }
  });

  it('a user id that is a number is a text, as triggers compare it', async () => {
    const event = { type: 'track', event: 'Sale', messageId: 'm', userId: 42, properties: {} };
    expect((await first(JSON.stringify(event)))?.userId).toBe('42');
  });

  it('a call that has user_id beside its traits or properties keeps its customer, as a row does', async () => {
    const call = { type: 'identify', messageId: 'm', traits: { vip: true } };
    for (const { said, userId } of [
      { said: { user_id: 'u1' }, userId: 'u1' },
      { said: { user_id: 42 }, userId: '42' },
      { said: { userId: null, user_id: 'u1' }, userId: 'u1' },
      { said: { userId: 'u0', user_id: 'u1' }, userId: 'u0' },
    ]) {
      for (const text of [
        `${JSON.stringify({ ...call, ...said })}\n`,
        JSON.stringify([{ ...call, ...said }]),
      ])
        expect((await first(text))?.userId, text).toBe(userId);
    }
    const elsewhere = { user_id: ['properties.crm'] };
    expect((await first(JSON.stringify({ ...call, user_id: 'u1' }), elsewhere))?.userId).toBeUndefined();
  });

  it('a flat object with a type or an id is a row', async () => {
    expect(await first('{"type":"track","messageId":"m","order_id":"1"}\n')).toMatchObject({
      messageId: 'm',
      properties: { order_id: '1' },
    });
  });

  it.each(['_metadata', 'category', 'channel', 'name', 'projectId', 'version', 'writeKey'])(
    'an event may have the key %s, which Segment puts into its exports',
    async (key) => {
      const event = { messageId: 'm', type: 'track', event: 'X', [key]: 'y', userId: 'u' };
      expect(await first(`${JSON.stringify(event)}\n`)).toEqual(event);
    },
  );

  it('an event stays as it is, but for the keys that source.columns names', async () => {
    const event = {
      messageId: 'm',
      type: 'track',
      event: 'X',
      properties: { order_id: 1, a: true },
      Ref: '9',
    };
    const text = `${JSON.stringify(event)}\n`;
    expect(await first(text)).toEqual(event);
    expect(await first(text, { Ref: ['properties.order_id'] })).toEqual({
      ...event,
      properties: { order_id: '9', a: true },
    });
  });

  it('the traits and the system in the context of a warehouse table are objects', async () => {
    expect((await first('context_traits_email,context_os_name\na@example.com,iOS\n'))?.context).toEqual({
      traits: { email: 'a@example.com' },
      os: { name: 'iOS' },
    });
  });

  it('no object, whatever its keys, stops the others or changes what was read', async () => {
    const part = fc.constantFrom(
      'a',
      '__proto__',
      'constructor',
      '[0]',
      '[999999]',
      '.',
      'properties',
      'type',
      'zip',
    );
    const key = fc.oneof(
      fc.array(part, { maxLength: 4 }).map((parts) => parts.join('')),
      fc.string(),
    );
    // Longer numbers become text.
    const objects = fc
      .array(fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 6 }), {
        maxLength: 4,
      })
      .filter((list) => !/\d{16}/.test(JSON.stringify(list)));
    await fc.assert(
      fc.asyncProperty(objects, async (list) => {
        const lines = list.map((object) => JSON.stringify(object));
        const records = await readAll(`${lines.join('\n')}\n`, { format: 'ndjson' });
        expect(eventsOf(records)).toHaveLength(list.length);
        expect(records.map(({ source }) => source.kind === 'object' && JSON.stringify(source.value))).toEqual(
          lines.map((line) => JSON.stringify(JSON.parse(line))),
        );
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 500 },
    );
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

  it('does not depend on how lines end', async () => {
    const id = await idOf('Order Number,Note\n1,"two\nlines"\n');
    expect(await idOf('Order Number,Note\r\n1,"two\r\nlines"\r\n')).toBe(id);
    expect(await idOf('Order Number,Note\r1,"two\rlines"\r')).toBe(id);
  });

  it('does not change between releases', async () => {
    expect(await idOf('Order Number,Email\n1,a@example.com\n')).toMatchInlineSnapshot(
      `"c810e757-bf94-5c07-b2ca-2beca216094c"`,
    );
  });
});

describe('a rejects file', () => {
  const wrap = (record: InputRecord, messageId?: string) =>
    `${JSON.stringify({ file: 'x.csv', line: 9, reason: 'r', code: 'C', messageId, ...toRejectedSource(record.source) })}\n`;

  it('can be read as it is, and a fixed row keeps its id', async () => {
    const [row] = await readAll('Order Number,Email\n1,\n');
    const before = eventsOf(row === undefined ? [] : [row])[0];
    const fixed = wrap(row ?? expect.fail(), before?.messageId).replace(
      '"Email":""',
      '"Email":"a@example.com"',
    );
    const after = eventsOf(await readAll(fixed))[0];
    expect(after).toMatchObject({ messageId: before?.messageId, properties: { email: 'a@example.com' } });
  });

  it('has the rows of a table with ids and places in its header as rows', async () => {
    const [row] = await readAll('messageId,Order Number,properties.email\nm,1,a@example.com\n');
    const before = eventsOf(row === undefined ? [] : [row]);
    expect(eventsOf(await readAll(wrap(row ?? expect.fail())))).toEqual(before);
  });

  it('has rows whose columns are called as the keys of an event, and reads them as the rows they are', async () => {
    const table =
      'type,event,messageId,userId,properties\ntrack,Order Completed,\'0001,\'0042,"{""revenue"":""12.5""}"\n';
    const [row] = await readAll(table);
    const [event] = eventsOf(await readAll(wrap(row ?? expect.fail(), '0001')));
    expect(event).toEqual(eventsOf([row ?? expect.fail()])[0]);
    expect(event).toMatchObject({ messageId: '0001', userId: '0042', properties: { revenue: '12.5' } });
  });

  it('takes what was added to a row for a further column, and a number for what the cell would say', async () => {
    const [row] = await readAll('Order Number,Total,Note\n1,a lot,x\n');
    const line = wrap(row ?? expect.fail(), 'id').replace(
      '"Total":"a lot","Note":"x"',
      '"Total":12.5,"E-mail":"a@example.com","Note":null,"a.__proto__":1',
    );
    const records = await readAll(line);
    expect(eventsOf(records)).toMatchObject([
      { messageId: 'id', properties: { revenue: 12.5, email: 'a@example.com' } },
    ]);
    expect(eventsOf(await readAll(wrap(records[0] ?? expect.fail(), 'id')))).toEqual(eventsOf(records));
  });

  it('has a blank where a column was taken out of a row', async () => {
    const [row] = await readAll('Order Number,Total,Note\n1,a lot,x\n');
    const line = wrap(row ?? expect.fail(), 'id').replace('"Total":"a lot",', '');
    expect(eventsOf(await readAll(line))).toMatchObject([{ properties: { order_id: '1', Note: 'x' } }]);
    expect(eventsOf(await readAll(line))[0]?.properties).not.toHaveProperty('revenue');
    expect(eventsOf(await readAll(line))[0]?.properties).not.toHaveProperty('Total');
  });

  it('of an earlier version, with nothing to recognise rows by, can still be read', async () => {
    const line = { file: 'x.csv', line: 2, reason: 'r', code: 'C', messageId: 'm' };
    const record = { 'Order Number': '1', 'E-mail': 'a@example.com' };
    expect(eventsOf(await readAll(`${JSON.stringify({ ...line, record })}\n`))).toMatchObject([
      { messageId: 'm', properties: { order_id: '1', email: 'a@example.com' } },
    ]);
  });

  it('of any table, fixed, has the very events that the fixed table has, with the ids of before', async () => {
    await fc.assert(
      fc.asyncProperty(fixedTables, async ({ columns, before, after, delimiter }) => {
        const csv = (rows: readonly (readonly string[])[]): string =>
          rows.map((row) => `${row.map(quoted).join(delimiter)}\n`).join('');
        const fixed = await readAll(csv([columns, ...after]), { format: 'csv' });
        const records = await readAll(csv([columns, ...before]), { format: 'csv' });
        const lines = records.map((record, index) => {
          const { content, source } = record;
          const cells = after[index] ?? [];
          const [id] = eventsOf([record]);
          const line = { file: 'x', line: 2, reason: 'r', code: 'C', ...(id && { messageId: id.messageId }) };
          const isText = content.kind === 'unreadable';
          const asObject = Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? '']));
          const { record: _, ...rest } = toRejectedSource(source);
          return JSON.stringify({ ...line, ...rest, record: isText ? csv([cells]).slice(0, -1) : asObject });
        });
        const fromRejects = eventsOf(await readAll(`${lines.join('\n')}\n`, { format: 'ndjson' }));
        const expected = eventsOf(fixed).map((event, index) => {
          const [was] = eventsOf(records.slice(index, index + 1));
          return { ...event, messageId: (MADE_ID.test(event.messageId) ? (was ?? event) : event).messageId };
        });
        expect(fromRejects).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('has the text and the header of a row that could not be read, so that the text can be fixed', async () => {
    const [ragged] = await readAll('Order Number;Email\n1\n');
    const line = wrap(ragged ?? expect.fail());
    expect(problemsOf(await readAll(line))).toEqual([[1, 'REJECTED_STILL_UNREADABLE']]);
    const [event] = eventsOf(await readAll(line.replace('"record":"1"', '"record":"1;a@example.com"')));
    expect(event).toMatchObject({ properties: { order_id: '1', email: 'a@example.com' } });
  });
});
