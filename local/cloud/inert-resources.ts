export const IAM = 'IAM is not evaluated here';
export const QUEUE = 'there are no queues here: the log says which invocation failed';
const NO_ISSUER = 'nobody issues its tokens here: give the stack the issuer of an identity provider';

/** **Inert here**: accepted, listed at start-up, and without effect, for the reason given. */
export const INERT: Readonly<Record<string, string>> = {
  'AWS::IAM::Role': IAM,
  'AWS::IAM::Policy': IAM,
  'AWS::IAM::ManagedPolicy': IAM,
  'AWS::Lambda::Permission': IAM,
  'AWS::Events::EventBusPolicy': IAM,
  'AWS::Logs::ResourcePolicy': IAM,
  'AWS::SecretsManager::ResourcePolicy': IAM,
  'AWS::SecretsManager::RotationSchedule': 'values are given to the cloud, or made once',
  'AWS::CloudWatch::Alarm': 'there are no metrics here',
  'AWS::CloudWatch::CompositeAlarm': 'there are no metrics here',
  'AWS::CloudWatch::Dashboard': 'there are no metrics here',
  'AWS::Logs::MetricFilter': 'there are no metrics here',
  'AWS::Logs::QueryDefinition': 'a saved query of the console',
  'AWS::ResourceGroups::Group': 'a view of the console',
  'AWS::SQS::Queue': QUEUE,
  'AWS::SQS::QueuePolicy': IAM,
  'AWS::SNS::Topic': 'nothing that runs here publishes to it',
  'AWS::SNS::TopicPolicy': IAM,
  'AWS::SNS::Subscription': 'nothing that runs here publishes to it',
  'AWS::Cognito::UserPool': NO_ISSUER,
  'AWS::Cognito::UserPoolClient': NO_ISSUER,
  'AWS::Cognito::UserPoolDomain': NO_ISSUER,
  'AWS::Cognito::UserPoolResourceServer': NO_ISSUER,
  'AWS::CDK::Metadata': 'tells AWS which constructs were used',
};
