"""Matches job titles to roles: ``RoleMatcher(targets, rules).suggest(queries)``."""

from app.analysis.role_match.lexicon import Lexicon, bundled_lexicon, read_lexicon
from app.analysis.role_match.normalise import normal_title
from app.analysis.role_match.rank import RULE_REASON, RULE_SCORE, RoleMatcher
from app.analysis.role_match.records import Ranking, RoleTarget, Rule, Suggestion, TitleQuery

__all__ = [
    "RULE_REASON",
    "RULE_SCORE",
    "Lexicon",
    "Ranking",
    "RoleMatcher",
    "RoleTarget",
    "Rule",
    "Suggestion",
    "TitleQuery",
    "bundled_lexicon",
    "normal_title",
    "read_lexicon",
]
