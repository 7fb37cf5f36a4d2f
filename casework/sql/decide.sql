-- decide: whose turn the rules say it is for a kind of problem at a place.
--
-- params   %(category)s text, %(code)s text or null: of the kelurahan, %(neighbour)s text or null: of the one across
--          the nearest border, %(is_near)s boolean: whether that border is near
-- returns  rule_id, office_id, said; one row, office_id null for the unit
-- index    boundaries_office_pkey, office_identity
-- caller   casework.routing.rules.decide
SELECT decision.rule_id, decision.office_id, decision.said
FROM casework_decide(%(category)s, %(code)s, %(neighbour)s, %(is_near)s) AS decision
