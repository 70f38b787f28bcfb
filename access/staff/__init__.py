"""What pages for staff share: how values look, reasons, and the entries of the audit trail."""
