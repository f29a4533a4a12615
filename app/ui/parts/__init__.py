"""Pieces of pages that more than one page uses, or that would make a page file too long."""
