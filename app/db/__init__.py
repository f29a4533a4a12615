"""The data's home: engine, transactions, audit, the file's safety, backups and migrations."""
