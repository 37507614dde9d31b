// check_formats.mjs FOLDER: holds bundle.json against what STIX 2.1 says of the objects in it, event.json
// against MISP's core format, and report.html against the HTML standard.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import formats from 'ajv-formats';
import { HtmlValidate } from 'html-validate';

const folder = process.argv[2];
const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
formats(ajv);

// STIX 2.1, 2.9 and 3 to 6. Properties that are not listed are not allowed.
const id = (type) => ({ type: 'string', pattern: `^${type}--[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$` });
const anyId = id('[a-z][a-z0-9-]+');
const time = { type: 'string', format: 'date-time', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' };
const text = { type: 'string', minLength: 1 };
const object = (type, required, properties, statement = true) => ({
  type: 'object', additionalProperties: false,
  required: ['type', 'spec_version', 'id', ...(statement ? ['created', 'modified'] : []), ...required],
  properties: { type: { const: type }, spec_version: { const: '2.1' }, id: id(type),
    ...(statement ? { created: time, modified: time, created_by_ref: id('identity'), labels: { type: 'array', minItems: 1, items: text } } : {}), ...properties },
});
const extension = (of) => ({ type: 'object', additionalProperties: false, required: [of],
  properties: { [of]: { const: { extension_type: 'new-sco' } } } });
const types = {
  identity: object('identity', ['name'], { name: text, description: text, identity_class: { enum: ['individual', 'group', 'system', 'organization', 'class', 'unspecified'] } }),
  'extension-definition': object('extension-definition', ['created_by_ref', 'name', 'schema', 'version', 'extension_types'], {
    name: text, schema: text, version: text, extension_types: { type: 'array', items: { enum: ['new-sdo', 'new-sco', 'new-sro', 'property-extension', 'toplevel-property-extension'] } },
    object_marking_refs: { type: 'array', items: id('marking-definition') } }),
  'cryptocurrency-wallet': object('cryptocurrency-wallet', ['value', 'extensions'], { value: text, holder_ref: id('identity'),
    extensions: extension('extension-definition--be78509e-6958-51b1-8b26-d17ee0eba2d7') }, false),
  'cryptocurrency-transaction': object('cryptocurrency-transaction', ['symbol', 'value', 'extensions'], { symbol: text, value: text,
    execution_time: time, fee: { type: 'number', minimum: 0 },
    output: { type: 'array', minItems: 1, items: { type: 'object', additionalProperties: false, required: ['address_ref', 'amount'],
      properties: { amount: { type: 'number', minimum: 0 }, address_ref: id('cryptocurrency-wallet') } } },
    extensions: extension('extension-definition--151d042d-4dcf-5e44-843f-1024440318e5') }, false),
  relationship: object('relationship', ['relationship_type', 'source_ref', 'target_ref'], { relationship_type: { type: 'string', pattern: '^[a-z0-9-]+$' },
    description: text, source_ref: anyId, target_ref: anyId }),
  report: object('report', ['name', 'published', 'object_refs'], { name: text, description: { type: 'string' }, published: time,
    report_types: { type: 'array', minItems: 1, items: { enum: ['attack-pattern', 'campaign', 'identity', 'indicator', 'intrusion-set', 'malware', 'observed-data', 'threat-actor', 'threat-report', 'tool', 'vulnerability'] } },
    object_refs: { type: 'array', minItems: 1, items: anyId, uniqueItems: true } }),
};
const stix = { type: 'object', additionalProperties: false, required: ['type', 'id', 'objects'],
  properties: { type: { const: 'bundle' }, id: id('bundle'), objects: { type: 'array', minItems: 1 } } };

// MISP core format (draft-dulaunoy-misp-core-format) and its object templates.
const uuid = { type: 'string', format: 'uuid' };
const number = { type: 'string', pattern: '^[0-9]+$' };
const tag = { type: 'object', additionalProperties: false, required: ['name'],
  properties: { name: { type: 'string', pattern: '^[a-z-]+:[a-z-]+="[a-z0-9-]+"$' } } };
const attribute = (inObject, kinds) => ({ type: 'object', additionalProperties: false,
  required: ['uuid', 'type', 'category', 'value', 'timestamp', 'distribution', 'to_ids', ...(inObject ? ['object_relation'] : [])],
  properties: { uuid, type: { enum: ['comment', 'text', 'btc', 'datetime', 'float'] }, category: { enum: ['Other', 'Financial fraud'] },
    value: text, timestamp: number, distribution: { const: '5' }, to_ids: { const: false }, disable_correlation: { type: 'boolean' },
    ...(inObject ? { object_relation: { enum: kinds } } : {}), Tag: { type: 'array', items: tag } } });
const misp = (name, template, version, kinds, required) => ({ type: 'object', additionalProperties: false,
  required: ['uuid', 'name', 'meta-category', 'template_uuid', 'template_version', 'Attribute'],
  properties: { uuid, name: { const: name }, 'meta-category': { const: 'financial' }, description: text, template_uuid: { const: template },
    template_version: { const: version }, timestamp: number, distribution: { const: '5' }, comment: text,
    Attribute: { type: 'array', items: attribute(true, kinds), contains: { type: 'object', properties: { object_relation: { enum: required } } } },
    ObjectReference: { type: 'array', items: { type: 'object', additionalProperties: false, required: ['uuid', 'object_uuid', 'referenced_uuid', 'relationship_type'],
      properties: { uuid, object_uuid: uuid, referenced_uuid: uuid, relationship_type: text, timestamp: number } } } } });
const event = { type: 'object', additionalProperties: false, required: ['Event'], properties: { Event: { type: 'object', additionalProperties: false,
  required: ['uuid', 'info', 'date', 'threat_level_id', 'analysis', 'distribution', 'timestamp'],
  properties: { uuid, info: text, date: { type: 'string', format: 'date' }, threat_level_id: { enum: ['1', '2', '3', '4'] }, analysis: { enum: ['0', '1', '2'] },
    distribution: { enum: ['0', '1', '2', '3'] }, timestamp: number, published: { type: 'boolean' }, Tag: { type: 'array', items: tag },
    Attribute: { type: 'array', items: attribute(false) },
    Object: { type: 'array', items: { oneOf: [
      misp('coin-address', 'd0e6997e-78da-4815-a6a1-cfc1c1cb8a46', '7', ['address', 'address-crypto', 'symbol', 'first-seen', 'last-seen', 'text'], ['address', 'address-crypto']),
      misp('cryptocurrency-transaction', 'a4aab70f-e43a-48cb-bf82-505de8228dd6', '3', ['transaction-number', 'symbol', 'time', 'value'], ['transaction-number'])] } } } } } };

const failures = [];
function hold(name, schema, value) {
  const validate = ajv.compile(schema);
  if (!validate(value)) failures.push(`${name}: ${ajv.errorsText(validate.errors.slice(0, 5))}\n${JSON.stringify(value).slice(0, 400)}`);
}
const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

const bundle = read('bundle.json');
hold('bundle', stix, bundle);
const validators = Object.fromEntries(Object.entries(types).map(([type, schema]) => [type, ajv.compile(schema)]));
for (const o of bundle.objects) {
  const validate = validators[o.type];
  if (!validate) failures.push(`an object of type ${o.type}`);
  else if (!validate(o)) failures.push(`${o.id}: ${ajv.errorsText(validate.errors)}`);
}
const misped = read('event.json');
hold('event', event, misped);

const html = new HtmlValidate({ extends: ['html-validate:standard'], rules: { 'no-inline-style': 'error' } });
const report = await html.validateString(readFileSync(join(folder, 'report.html'), 'utf8'));
for (const result of report.results) {
  for (const m of result.messages) failures.push(`report.html:${m.line}:${m.column} ${m.ruleId}: ${m.message}`);
}
if (failures.length > 0) {
  console.error(failures.slice(0, 20).join('\n'));
  process.exit(1);
}
console.log(`${bundle.objects.length} STIX objects, ${misped.Event.Object.length} MISP objects and the page are as their formats say`);
