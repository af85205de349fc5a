-- Words of a claim's codes that are not a loaded list. Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- A day in words that a person reads; values that programs read stay YYYY-MM-DD.
CREATE OR REPLACE FUNCTION connex.spoken_day(p_on date) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN to_char(p_on, 'MM/DD/YYYY');

-- X12 835 CLP02, in words of our own. A code that we do not know is shown as it came.
CREATE OR REPLACE FUNCTION connex.clp_status_words(p_status text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE p_status
    WHEN '1' THEN 'Processed as primary' WHEN '2' THEN 'Processed as secondary' WHEN '3' THEN 'Processed as tertiary'
    WHEN '4' THEN 'Denied'
    WHEN '19' THEN 'Processed as primary, sent on to another payer' WHEN '20' THEN 'Processed as secondary, sent on to another payer'
    WHEN '21' THEN 'Processed as tertiary, sent on to another payer'
    WHEN '22' THEN 'Reversal of an earlier payment' WHEN '23' THEN 'Not our claim, sent on to another payer'
    WHEN '25' THEN 'Estimate only, no payment' ELSE 'Status ' || p_status END;
GRANT EXECUTE ON FUNCTION connex.spoken_day(date), connex.clp_status_words(text) TO connex_reader, connex_app;

-- A claim with its lines, adjustments, remittance, history and what can be done now, as the API shows it (schema Claim).
-- NULL when there is none that the asking role may see. In PL/pgSQL so that its plan is kept: planning over the months'
-- partitions costs ten times the answer.
CREATE OR REPLACE FUNCTION connex.claim_document(p_claim_id bigint) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    WITH adjustment AS MATERIALIZED (
      SELECT j.line_no, json_agg(json_build_object(
               'group_code', j.group_code, 'group_words', g.words, 'reason_code', j.reason_code, 'reason_words', w.words,
               'amount', j.amount::text, 'quantity', trim_scale(j.quantity)::text) ORDER BY j.adjustment_no) AS of_line
        FROM connex.claim_adjustment j
        LEFT JOIN connex.reason_code g ON g.list = 'group' AND g.code = j.group_code
        LEFT JOIN connex.reason_code w ON w.list = 'CARC' AND w.code = j.reason_code
       WHERE j.claim_id = p_claim_id
         AND j.adjudication_no = (SELECT k.last_adjudication_no FROM connex.claim k WHERE k.claim_id = p_claim_id)
       GROUP BY j.line_no
    )
    SELECT row_to_json(document) FROM (
      SELECT c.claim_id::text, c.contractor_no, c.system, c.control_no, c.patient_control_no, c.mbi, c.patient_last_name,
             c.patient_first_name, c.line_of_business, c.status, c.status_on, c.received_on, c.from_on, c.through_on, c.finalized_on,
             c.charge::text, c.paid::text, c.patient_responsibility::text, c.bill_type, c.facility, c.drg, to_json(c.diagnoses) AS diagnoses,
             (SELECT coalesce(json_agg(json_build_object(
                       'line_no', l.line_no, 'procedure_code', l.procedure_code, 'modifiers', l.modifiers,
                       'revenue_code', l.revenue_code, 'units', trim_scale(l.units)::text, 'from_on', l.from_on,
                       'through_on', l.through_on, 'charge', l.charge::text, 'allowed', l.allowed::text, 'paid', l.paid::text,
                       'place_of_service', l.place_of_service,
                       'adjustments', coalesce(j.of_line, '[]'),
                       'remarks', (SELECT coalesce(json_agg(json_build_object('code', g.code, 'words', w.words)), '[]')
                                     FROM unnest(l.remark_codes) g(code)
                                     LEFT JOIN connex.reason_code w ON w.list = 'RARC' AND w.code = g.code)) ORDER BY l.line_no), '[]')
                FROM connex.claim_line l
                LEFT JOIN adjustment j ON j.line_no = l.line_no
               WHERE l.claim_id = p_claim_id AND l.adjudication_no = c.last_adjudication_no) AS lines,
             coalesce((SELECT j.of_line FROM adjustment j WHERE j.line_no = 0), '[]') AS adjustments,
             (SELECT coalesce(json_agg(json_build_object('code', g.code, 'words', w.words)), '[]')
                FROM connex.adjudication a CROSS JOIN unnest(a.remark_codes) g(code)
                LEFT JOIN connex.reason_code w ON w.list = 'RARC' AND w.code = g.code
               WHERE a.claim_id = p_claim_id AND a.adjudication_no = c.last_adjudication_no) AS remarks,
             (SELECT json_build_object('remittance_id', r.remittance_id::text, 'payment_number', r.payment_number, 'method', r.method,
                                       'paid_on', r.paid_on, 'amount', r.amount::text, 'balanced', r.balanced)
                FROM connex.remittance r WHERE r.remittance_id = c.remittance_id) AS remittance,
             (SELECT coalesce(json_agg(json_build_object(
                       'adjudication_no', a.adjudication_no, 'clp_status', a.clp_status,
                       'clp_status_words', connex.clp_status_words(a.clp_status), 'reverses_no', a.reverses_no,
                       'adjudicated_on', a.adjudicated_on, 'charge', a.charge::text, 'paid', a.paid::text,
                       'patient_responsibility', a.patient_responsibility::text,
                       'payment_number', r.payment_number, 'remittance_id', a.remittance_id::text) ORDER BY a.adjudication_no), '[]')
                FROM connex.adjudication a LEFT JOIN connex.remittance r ON r.remittance_id = a.remittance_id
               WHERE a.claim_id = p_claim_id) AS adjudications,
             (SELECT json_build_object('appeal_id', p.appeal_id::text, 'confirmation_no', p.confirmation_no, 'status', p.status,
                                       'outcome', p.outcome, 'filed_at', connex.iso(p.filed_at))
                FROM connex.appeal p WHERE p.claim_id = p_claim_id AND p.level = 1 AND p.status <> 'withdrawn') AS appeal,
             (SELECT json_agg(json_build_object('action', t.action, 'allowed', t.allowed, 'words', t.words, 'rule', t.rule,
                                                'deadline_on', t.deadline_on, 'days_left', t.days_left))
                FROM connex.claim_actions(p_claim_id) t) AS possible_actions
        FROM connex.claim c
       WHERE c.claim_id = p_claim_id
    ) document);
END
$$;
GRANT EXECUTE ON FUNCTION connex.claim_document(bigint) TO connex_reader, connex_app;
