"""Every way data leaves, recorded before it goes; alerts about exports, and evidence. Other rooms import these modules:

- `exports`: the ledger of exports, the channels by which data leaves, and which export carried a ringer;
- `manifests`: which records an export held;
- `manifest_index`: which exports held a record, or the most of many;
- `alert_rules`: what is unusual about exports and reads;
- `evidence`: bundles about a person, and the files that other rooms add to them.
"""
