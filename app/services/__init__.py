"""What a user can do: one class per capability. Rows never leave here; frozen records do."""
