import { describe, expect, it } from 'vitest';
import { isPublicUrl } from '../../../../local/public-url.ts';

describe('a URL that GitHub could reach', () => {
  it.each([
    'https://items.example.com/webhook',
    'https://items.example.com.:8443/',
    'https://172.15.255.255/',
    'https://172.32.0.0/',
    'https://9.255.255.255/',
    'https://223.255.255.255/',
    'https://[2606:4700::1111]/',
    'https://xn--bcher-kva.example/',
  ])('is %s', (url) => {
    expect(isPublicUrl(url)).toBe(true);
  });

  it.each([
    'http://items.example.com/webhook',
    'items.example.com',
    'https://localhost/',
    'https://receiver/',
    'https://receiver.localhost./',
    'https://receiver.internal/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f.0.0.1/',
    'https://0.0.0.0/',
    'https://10.255.255.255/',
    'https://172.16.0.0/',
    'https://172.31.255.255/',
    'https://192.168.1.1/',
    'https://169.254.169.254/',
    'https://100.64.0.1/',
    'https://224.0.0.1/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[fe80::1]/',
    'https://[fd00::1]/',
    'https://user@items.example.com/',
    'https://user:password@items.example.com/',
    '',
  ])('is not %s', (url) => {
    expect(isPublicUrl(url)).toBe(false);
  });
});
