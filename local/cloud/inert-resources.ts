import { ACCOUNT, REGION } from './template.ts';

export const IAM = 'IAM is not evaluated here';
const NO_ISSUER =
  'it issues no tokens here; configure the stack with the issuer of another identity provider';

/** **Inert here**: accepted and listed at start-up, but without effect, for the reason given. */
export const INERT: Readonly<Record<string, string>> = {
  'AWS::IAM::Role': IAM,
  'AWS::IAM::Policy': IAM,
  'AWS::IAM::ManagedPolicy': IAM,
  'AWS::Lambda::Permission': IAM,
  'AWS::Events::EventBusPolicy': IAM,
  'AWS::Logs::ResourcePolicy': IAM,
  'AWS::SecretsManager::ResourcePolicy': IAM,
  'AWS::SecretsManager::RotationSchedule': 'values are given to the cloud, or generated once',
  'AWS::CloudWatch::Alarm': 'metrics are lines of the log here, and nothing evaluates them',
  'AWS::CloudWatch::CompositeAlarm': 'metrics are lines of the log here, and nothing evaluates them',
  'AWS::CloudWatch::Dashboard': 'metrics are lines of the log here, and nothing evaluates them',
  'AWS::Logs::MetricFilter': 'metrics are lines of the log here, and nothing evaluates them',
  'AWS::Logs::QueryDefinition': 'a saved query of the console',
  'AWS::ResourceGroups::Group': 'a view of the console',
  'AWS::SQS::QueuePolicy': IAM,
  'AWS::SNS::TopicPolicy': IAM,
  'AWS::SNS::Subscription': 'what is published is recorded in a file, and delivered to nobody',
  'AWS::Cognito::UserPool': NO_ISSUER,
  'AWS::Cognito::UserPoolClient': NO_ISSUER,
  'AWS::Cognito::UserPoolDomain': NO_ISSUER,
  'AWS::Cognito::UserPoolResourceServer': NO_ISSUER,
  'AWS::CDK::Metadata': 'reports to AWS which constructs were used',
};

/** The name, Ref and attributes of a resource without effect, for the resources and outputs that refer to it. */
interface Naming {
  /** The property that contains the name. If it is absent or has no value, a name is generated. */
  nameProperty?: string;
  arn(name: string): string;
  /** The value of Ref, if it is not the name. */
  ref?(name: string): string;
  /** Attributes other than Arn and the name. */
  attributes?: Record<string, (name: string) => string>;
}

const regional =
  (service: string, prefix = '') =>
  (name: string) =>
    `arn:aws:${service}:${REGION}:${ACCOUNT}:${prefix}${name}`;
/** IAM has no regions. */
const global = (prefix: string) => (name: string) => `arn:aws:iam::${ACCOUNT}:${prefix}${name}`;
const policyArn = global('policy/');
const alarm: Naming = { nameProperty: 'AlarmName', arn: regional('cloudwatch', 'alarm:') };

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html */
export const INERT_NAMING: Readonly<Record<string, Naming>> = {
  'AWS::IAM::Role': { nameProperty: 'RoleName', arn: global('role/') },
  'AWS::IAM::ManagedPolicy': {
    nameProperty: 'ManagedPolicyName',
    arn: policyArn,
    ref: policyArn,
    attributes: { PolicyArn: policyArn },
  },
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::CloudWatch::CompositeAlarm': alarm,
  'AWS::ResourceGroups::Group': { nameProperty: 'Name', arn: regional('resource-groups', 'group/') },
  // A user pool is identified by an id, not by its name.
  'AWS::Cognito::UserPool': { arn: regional('cognito-idp', 'userpool/') },
};
