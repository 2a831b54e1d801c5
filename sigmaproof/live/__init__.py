"""The same queries on a real OpenSearch, Elasticsearch or Splunk, beside the embedded engine."""
