import { describe, expect, it } from 'vitest';
import { placeAdvice } from '../../src/input/place-advice.js';

describe('a place that source.columns gives a column', () => {
  it.each([
    'properties.order_id',
    '$.properties.order_id',
    'products[0].sku',
    'context.ip',
    'integrations.Rokt Conversions API.rtid',
    "integrations['Rokt Conversions API'].rtid",
    'traits',
    'messageId',
    'timestamp',
    // Names of properties, as they may be left short.
    'order_id',
    'email',
    'coupon',
    'city',
    'contact.email',
    'types',
  ])('may be %s', (place) => {
    expect(placeAdvice(place)).toBeUndefined();
  });

  it.each([
    ['rtid', 'integrations.Rokt Conversions API.rtid', 'properties.rtid'],
    ['ip', 'context.ip', 'properties.ip'],
    ['message_id', 'messageId', 'properties.message_id'],
    ['customer_id', 'userId', 'properties.customer_id'],
    ['total', 'properties.revenue', 'properties.total'],
    ['mesageId', 'messageId', 'properties.mesageId'],
    ['propertes.revenue', 'properties.revenue', 'properties.propertes.revenue'],
    ['Properties.revenue', 'properties.revenue', 'properties.Properties.revenue'],
    // Fields of a mapping, which are made of an event.
    ['eventDetails.amount', 'properties.revenue', 'properties.eventDetails.amount'],
    ['user_identities.customerid', 'userId', 'properties.user_identities.customerid'],
    ['user_attributes.mobile', 'properties.phone', 'properties.user_attributes.mobile'],
    ['device_info.ios_idfv', 'context.device.id', 'properties.device_info.ios_idfv'],
    ['trait.email', 'traits.email', 'properties.trait.email'],
  ])(
    'is not %s, which is in the properties, where nothing is made of it: %s is meant',
    (place, meant, own) => {
      expect(placeAdvice(place)).toBe(`Did you mean ${meant}? For a property of that name write ${own}.`);
    },
  );

  it.each(['event.properties.revenue', 'userId.id'])('is not %s, below what is one value', (place) => {
    expect(placeAdvice(place)).toContain('is one value');
  });

  it.each(['eventProperties.coupon', 'eventDetails.timestamp_unixtime_ms'])(
    'is not %s, which a mapping makes of an event',
    (place) => {
      expect(placeAdvice(place)).toContain('is a field of a mapping');
    },
  );

  it.each(['properties..x', ' ', 'a[', 'properties.__proto__'])('is not %j, which is none', (place) => {
    expect(placeAdvice(place)).toContain('Write a place such as');
  });
});
