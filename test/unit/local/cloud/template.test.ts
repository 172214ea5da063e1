import { describe, expect, it } from 'vitest';
import { resolve, type Scope, Unresolvable } from '../../../../local/cloud/template.ts';

const scope: Scope = {
  stackName: 'Stack',
  ref: (id) => (id === 'Table' ? 'my-table' : undefined),
  attribute: (id, name) => (id === 'Table' && name === 'Arn' ? 'arn:table' : undefined),
  localize: (text) => text.replace('https://deployed', 'http://here'),
};

const hole = (name: string) => `\${${name}}`;

describe('intrinsic functions', () => {
  it.each([
    [{ Ref: 'Table' }, 'my-table'],
    [{ Ref: 'AWS::Partition' }, 'aws'],
    [{ Ref: 'AWS::Region' }, 'us-east-1'],
    [{ Ref: 'AWS::AccountId' }, '000000000000'],
    [{ Ref: 'AWS::StackName' }, 'Stack'],
    [{ Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
    [{ 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:table'],
    [{ 'Fn::GetAtt': 'Table.Arn' }, 'arn:table'],
    [{ 'Fn::Join': ['/', ['a', { Ref: 'Table' }]] }, 'a/my-table'],
    [{ 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b'] }] }, 'b'],
    [
      { 'Fn::Sub': [hole('Table'), hole('Table.Arn'), hole('!Table'), hole('AWS::Region')].join('-') },
      `my-table-arn:table-${hole('Table')}-us-east-1`,
    ],
    [{ 'Fn::Sub': [hole('Mine'), { Mine: { Ref: 'Table' } }] }, 'my-table'],
    [{ 'Fn::Join': ['', ['https://deployed', '/x']] }, 'http://here/x'],
    [[{ Ref: 'AWS::NoValue' }, 1], [1]],
    [
      { a: { Ref: 'AWS::NoValue' }, b: null, c: [true] },
      { b: null, c: [true] },
    ],
  ])('resolves %j', (value, expected) => {
    expect(resolve(value, scope)).toEqual(expected);
  });

  it.each([
    [{ 'Fn::ImportValue': 'x' }, 'Fn::ImportValue'],
    [{ 'Fn::If': ['Condition', 1, 2] }, 'Fn::If'],
    [{ Ref: 'Nobody' }, 'Nobody'],
    [{ 'Fn::GetAtt': ['Table', 'StreamArn'] }, 'Table.StreamArn'],
    [{ 'Fn::Sub': hole('Nobody.Arn') }, 'Nobody.Arn'],
    [{ 'Fn::Join': ['', 'text'] }, 'Fn::Join'],
  ])('names the part of %j that it cannot resolve', (value, named) => {
    expect(() => resolve(value, scope)).toThrow(Unresolvable);
    expect(() => resolve(value, scope)).toThrow(named);
  });
});
