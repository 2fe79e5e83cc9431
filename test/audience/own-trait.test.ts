import { expect, it } from 'vitest';
import { createMemberTest } from '../../src/audience/own-trait.js';
import { wholeEvent } from '../../src/input/whole-event.js';
import { readAll } from '../helpers/read.js';

const membersOf = async (key: string, text: string) => {
  const saidBy = createMemberTest(key);
  return (await readAll(text)).map((record) => {
    if (record.content.kind !== 'event') throw new Error('The record cannot be read.');
    const said = saidBy(record, wholeEvent(record.content.event));
    return said === 'member' ? true : said === 'no member' ? false : said;
  });
};

it.each(['false', 'FALSE', 'F', '0', '0.0', 'No', '', 'NULL'])(
  'who has %j in the column that is called as the audience is no member',
  async (no) => {
    const yes = { F: 'T', 0: '1', '0.0': '1.0', No: 'Yes' }[no] ?? 'true';
    const text = `user_id,email,premium_users\nu1,a@example.com,${yes}\nu2,b@example.com,${no}\n`;
    expect(await membersOf('premium_users', text)).toEqual([true, false]);
  },
);

it.each([
  ['WAHR', 'FALSCH'],
  ['ja', 'nein'],
  ['VRAI', 'FAUX'],
  ['oui', 'non'],
  ['VERDADERO', 'FALSO'],
  ['sí', 'no'],
  ['VERO', 'FALSO'],
  ['VERDADEIRO', 'FALSO'],
  ['sim', 'não'],
  ['WAAR', 'ONWAAR'],
  ['ja', 'nee'],
])('so is who has it in the words of another language, as Excel there saves it: %s, %s', async (yes, no) => {
  const text = `user_id,email,vip\nu1,a@example.com,${yes}\nu2,b@example.com,${no}\nu3,c@example.com,${no.toUpperCase()}\n`;
  expect(await membersOf('vip', text)).toEqual([true, false, false]);
});

it('a column is that of the audience also where it is one of the traits, or written otherwise', async () => {
  expect(await membersOf('premium_users', 'user_id,traits.premium_users\nu1,false\n')).toEqual([false]);
  expect(await membersOf('premium_users', 'user_id,Premium Users\nu1,false\n')).toEqual([false]);
});

it('a JSON profile that says nothing of it, or true, is a member', async () => {
  const profiles = [{}, { vip: true }, { vip: false }, { vip: null }].map((traits) => ({
    user_id: 'u',
    traits,
  }));
  expect(await membersOf('vip', JSON.stringify(profiles))).toEqual([true, true, false, false]);
});

it.each([
  [
    'rows of a warehouse',
    [
      { USER_ID: 'u', PREMIUM_USERS: true },
      { USER_ID: 'u', PREMIUM_USERS: false },
    ],
  ],
  ['traits', [{ traits: { 'Premium Users': true } }, { traits: { 'Premium Users': false } }]],
  ['flat keys', [{ 'traits.premiumUsers': 'yes' }, { 'traits.premiumUsers': 'no' }]],
  [
    'traits of Snowflake',
    [{ USER_ID: 'u', TRAITS: { PREMIUM_USERS: true } }, { TRAITS: { PREMIUM_USERS: false } }],
  ],
  [
    'properties of it',
    [
      { USER_ID: 'u', PROPERTIES: {} },
      { USER_ID: 'u', PROPERTIES: { premium_users: false } },
    ],
  ],
  ['nothing in them', [{ premium_users: '1' }, { premium_users: '' }]],
])('JSON profiles may have it written otherwise as well: %s', async (_, profiles) => {
  expect(await membersOf('premium_users', JSON.stringify(profiles))).toEqual([true, false]);
});

it('a JSON key of what identifies people says nothing of it, too', async () => {
  const profiles = [{ email: 'a@example.com', phone: null }, { traits: { phone: '' } }];
  expect(await membersOf('phone', JSON.stringify(profiles))).toEqual([true, true]);
});

it('a column of other content, or of what identifies people, says nothing of it', async () => {
  expect(await membersOf('vip', 'user_id,vip\nu1,2026-11-01\nu2,gold\n')).toEqual([true, true]);
  expect(await membersOf('phone', 'user_id,phone\nu1,\nu2,0\n')).toEqual([true, true]);
});

it('who has false among traits or properties that stand as JSON in one cell is no member', async () => {
  const rows = ['{""vip"":true}', '{""vip"":false}', '{""vip"":null}', '{}']
    .map((json) => `u,"${json}"\n`)
    .join('');
  for (const column of ['traits', 'properties'])
    expect(await membersOf('vip', `user_id,${column}\n${rows}`)).toEqual([true, false, false, true]);
  const texts = [{ VIP: true }, { VIP: false }].map((traits) => ({
    user_id: 'u',
    traits: JSON.stringify(traits),
  }));
  expect(await membersOf('vip', JSON.stringify(texts))).toEqual([true, false]);
});

it('a property says it as a trait does', async () => {
  expect(await membersOf('vip', 'user_id,properties.vip\nu1,t\nu2,f\n')).toEqual([true, false]);
  const profiles = [true, false].map((vip) => ({ user_id: 'u', properties: { vip } }));
  expect(await membersOf('vip', JSON.stringify(profiles))).toEqual([true, false]);
});

it('so does a membership where only the file says of which audience', async () => {
  expect(await membersOf('vip', 'user_id,Audience Membership\nu1,true\nu2,false\nu3,\n')).toEqual([
    true,
    false,
    false,
  ]);
  const profiles = [true, false].map((audience_membership) => ({ user_id: 'u', audience_membership }));
  expect(await membersOf('vip', JSON.stringify(profiles))).toEqual([true, false]);
});

it.each(['is_vip', 'traits_vip', 'context_traits_vip', 'audiences.vip', 'traits.isVip', 'in_audience'])(
  'who has false in a column %s is no member, as a flattened table has it',
  async (column) => {
    expect(await membersOf('vip', `user_id,${column}\nu1,true\nu2,false\nu3,\n`)).toEqual([
      true,
      false,
      false,
    ]);
  },
);

it.each<[string, unknown[], boolean[]]>([
  [
    'objects',
    [{ vip: true }, { VIP: 'yes', gold: false }, { vip: false }, { gold: true }, {}],
    [true, true, false, false, false],
  ],
  ['lists', [['VIP'], ['gold', 'vip'], ['gold'], [], null], [true, true, false, false, false]],
  [
    'texts',
    ['vip', 'gold, VIP', '{vip,gold}', '["vip"]', '{"vip":true}', 'gold', '["gold"]', '{"vip":false}', ''],
    [true, true, true, true, true, false, false, false, false],
  ],
  ['a list of what has no name to be read', [[{ id: 7 }]], [true]],
])('so is who does not have the audience among all of theirs: %s', async (_, all, expected) => {
  const profiles = all.map((audiences) => ({ user_id: 'u', audiences }));
  expect(await membersOf('vip', JSON.stringify(profiles))).toEqual(expected);
  const nested = all.map((audiences) => ({ user_id: 'u', traits: { audiences } }));
  expect(await membersOf('vip', JSON.stringify(nested))).toEqual(expected);
  const rows = all.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)).replaceAll('"', '""'));
  expect(await membersOf('vip', `user_id,AUDIENCES\n${rows.map((one) => `u,"${one}"\n`).join('')}`)).toEqual(
    expected,
  );
});

it('a membership that is neither true nor false is not taken for one', async () => {
  const text = 'user_id,audience_membership\nu1,true\nu2,drop\nu3,exited\n';
  expect(await membersOf('vip', text)).toEqual([true, 'unreadable', 'unreadable']);
});

it.each(['member', 'is_member', 'traits.membership', 'audience'])(
  'false in a column %s is unclear, unless another one has the audience',
  async (column) => {
    const rows = 'u1,true,t\nu2,false,t\nu3,gold,t\nu4,,t\n';
    const expected = [true, 'unclear', true, true];
    expect(await membersOf('vip', `user_id,${column},note\n${rows}`)).toEqual(expected);
    expect(await membersOf('vip', `user_id,${column},vip\n${rows}`)).toEqual([true, true, true, true]);
  },
);
