export const IAM = 'IAM is not evaluated here';
export const QUEUE = 'there are no queues here; the log names each failed invocation';
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
  'AWS::CloudWatch::Alarm': 'there are no metrics here',
  'AWS::CloudWatch::CompositeAlarm': 'there are no metrics here',
  'AWS::CloudWatch::Dashboard': 'there are no metrics here',
  'AWS::Logs::MetricFilter': 'there are no metrics here',
  'AWS::Logs::QueryDefinition': 'a saved query of the console',
  'AWS::ResourceGroups::Group': 'a view of the console',
  'AWS::SQS::Queue': QUEUE,
  'AWS::SQS::QueuePolicy': IAM,
  'AWS::SNS::Topic': 'nothing publishes to it here',
  'AWS::SNS::TopicPolicy': IAM,
  'AWS::SNS::Subscription': 'nothing publishes to it here',
  'AWS::Cognito::UserPool': NO_ISSUER,
  'AWS::Cognito::UserPoolClient': NO_ISSUER,
  'AWS::Cognito::UserPoolDomain': NO_ISSUER,
  'AWS::Cognito::UserPoolResourceServer': NO_ISSUER,
  'AWS::CDK::Metadata': 'reports to AWS which constructs were used',
};
