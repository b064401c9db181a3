/** The agents of `agents/NAME/agent.yaml`, as texts: a bundle takes no YAML. A test holds the two together. */

const designer = `name: api.designer
version: 0.1.0
description: Designs RESTful APIs, from a sentence to a checked OpenAPI document with its models.
capabilities:
  - Write OpenAPI 3.1 documents after the guidelines of Zalando
  - Check documents with a linter, and refine them until they fit
  - Generate TypeScript types and JSON Schemas
skills_available:
  - api.define
  - api.validate
  - api.generate-models
reasoning_mode: iterative
workflow_pattern: |
  1. Analyse the requirements
  2. Draft the OpenAPI document
  3. Validate it (if it fails, refine and retry)
  4. Generate the models
context_requirements:
  guidelines: string
  domain: string
error_handling:
  max_retries: 3
  timeout_seconds: 300
status: active
tags: [api, design, openapi]
`;

const analyzer = `name: api.analyzer
version: 0.1.0
description: Analyses OpenAPI documents, for faults and for changes on which clients break.
capabilities:
  - Check a document with a linter
  - Compare two versions of a document
skills_available:
  - api.validate
  - api.compatibility
reasoning_mode: oneshot
workflow_pattern: |
  1. Validate the document
  2. Where two versions are given, compare them
error_handling:
  on_failure: continue
status: active
tags: [api, analysis, openapi]
`;

const generator = `name: api.generator
version: 0.1.0
description: Generates an API in one pass, the document and its models.
capabilities:
  - Write an OpenAPI 3.1 document
  - Generate TypeScript types and JSON Schemas
skills_available:
  - api.define
  - api.validate
  - api.generate-models
reasoning_mode: oneshot
workflow_pattern: |
  1. Define API structure
  2. Validate specification
  3. Generate models
status: active
tags: [api, generation, openapi]
`;

export const apiManifests = [designer, analyzer, generator];
