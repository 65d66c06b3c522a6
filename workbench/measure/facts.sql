-- Contact facts from ledger events: one row per customer need.
--
-- Reads   event      all events of the conversations and of the cases they led to
--         neighbour  contacts already known of the same customers, for repeats
-- Takes   $as_of     what is open at this time stays open
-- The words in braces are filled in by facts.py.
--
-- What belongs to a whole conversation (human time, replies, cost, rating) is counted once, on the
-- need that carries it: the one that went to people, else the most human level, else the earliest.

WITH
started AS (
    SELECT tenant, stream, min(happened_at) AS started_at,
           arg_min(data ->> '$.customer_id', position) AS customer_id,
           arg_min(data ->> '$.channel', position) AS channel,
           arg_min(data ->> '$.language', position) AS language,
           arg_min(data ->> '$.segment', position) AS segment,
           coalesce(nullif(arg_min(data ->> '$.phase', position), ''), 'pilot') AS phase,
           nullif(arg_min(data ->> '$.release', position), '') AS release,
           nullif(arg_min(data ->> '$.arm', position), '') AS arm
    FROM event
    WHERE kind = 'conversation_started'
    GROUP BY tenant, stream
),

-- Every event of a conversation with what came before it. `doing`: what a person does from then on
-- (working, hold, wrap_up or done), null where the event says nothing about it.
step AS (
    SELECT event.*,
           max(happened_at) FILTER (WHERE kind = 'message_received')
               OVER earlier AS last_message_at,
           max(happened_at) FILTER (WHERE doing IS NOT NULL) OVER earlier AS last_taken_at,
           arg_max(doing, position) FILTER (WHERE doing IS NOT NULL) OVER earlier AS was_doing
    FROM (SELECT *, CASE
              WHEN kind = 'handed_off' OR (kind = 'replied' AND by_person)
                  OR operation IN ('handoff.take', 'conversation.take_over') THEN 'working'
              WHEN operation = 'handling.change' THEN data ->> '$.parameters.state'
              WHEN operation = 'conversation.hand_back' THEN 'done'
          END AS doing,
          CASE WHEN operation = 'suggestion.use' THEN data ->> '$.parameters.outcome' END AS outcome
          FROM (SELECT *, regexp_matches(coalesce(data ->> '$.speaker', actor),
                                         '^(human_agent|supervisor):') AS by_person,
                       CASE WHEN kind = 'acted' AND NOT (data ->> '$.repeated')::BOOLEAN
                            THEN data ->> '$.operation' END AS operation
                FROM event)) AS event
    JOIN started USING (tenant, stream)
    WINDOW earlier AS (PARTITION BY tenant, stream ORDER BY position
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),

conversation AS (
    SELECT tenant, stream,
        max(happened_at) AS last_at,
        max(happened_at) FILTER (WHERE kind = 'conversation_ended') AS said_ended_at,
        coalesce(max(position) FILTER (WHERE kind = 'conversation_ended')
                 > max(position) FILTER (WHERE kind = 'message_received'), TRUE) AS is_last_word,
        arg_max(data ->> '$.resolution', position)
            FILTER (WHERE kind = 'conversation_ended') AS grade,
        count(*) FILTER (WHERE kind = 'message_received') AS messages,
        min(happened_at) FILTER (WHERE kind = 'replied') AS first_reply_at,
        count(*) FILTER (WHERE kind = 'replied' AND NOT by_person) AS assistant_replies,
        sum(coalesce((data ->> '$.milliseconds')::BIGINT,
                     date_diff('millisecond', last_message_at, happened_at)))
            FILTER (WHERE kind = 'replied' AND NOT by_person) AS assistant_ms,
        sum((data ->> '$.cost_micros')::BIGINT) FILTER (WHERE kind = 'replied')
            AS model_cost_micros,
        count(DISTINCT CASE WHEN by_person AND (kind = 'replied'
                                 OR operation IN ('handoff.take', 'conversation.take_over'))
                            THEN coalesce(data ->> '$.speaker', actor) END) AS human_agents,
        -- Talk runs to the reply or until the customer is put on hold; wrap-up ends with a message.
        sum(CASE WHEN coalesce(was_doing, 'working') = 'working'
                 THEN date_diff('second', greatest(last_message_at, last_taken_at), happened_at)
                 WHEN was_doing <> 'hold' AND last_message_at > last_taken_at
                 THEN date_diff('second', last_message_at, happened_at) END)
            FILTER (WHERE (kind = 'replied' AND by_person) OR doing = 'hold') AS talk_s,
        sum(date_diff('second', last_taken_at, happened_at))
            FILTER (WHERE doing IS NOT NULL AND was_doing = 'hold') AS hold_s,
        sum(date_diff('second', last_taken_at, CASE WHEN last_message_at > last_taken_at
                                                    THEN last_message_at ELSE happened_at END))
            FILTER (WHERE doing IS NOT NULL AND was_doing = 'wrap_up') AS wrap_s,
        sum(json_array_length(data -> '$.parameters.suggestions'))
            FILTER (WHERE operation = 'suggestion.show') AS suggestions_shown,
        count(*) FILTER (WHERE outcome = 'accepted') AS suggestions_accepted,
        count(*) FILTER (WHERE outcome = 'edited') AS suggestions_edited,
        count(*) FILTER (WHERE outcome = 'ignored') AS suggestions_ignored,
        bool_or(kind = 'replied' AND by_person
                AND json_array_length(data -> '$.asks_again') > 0) AS asked_again,
        max(happened_at) FILTER (WHERE by_person) AS last_person_at,
        bool_or(kind = 'handed_off') AS handed_off,
        arg_min(data ->> '$.kind', position) FILTER (WHERE kind = 'handed_off') AS handoff_kind,
        arg_min(data ->> '$.reason', position) FILTER (WHERE kind = 'handed_off') AS handoff_reason,
        arg_max(data ->> '$.queue', position) FILTER (WHERE kind = 'handed_off') AS queue,
        coalesce(max(position) FILTER (WHERE kind = 'handed_off'), 0)
            > coalesce(max(position) FILTER (WHERE kind = 'handed_back'), 0) AS with_people,
        min(happened_at) FILTER (WHERE kind = 'handed_off') AS handed_off_at,
        min(happened_at) FILTER (WHERE kind = 'question_asked' AND data ->> '$.slot' = 'identifier')
            AS identity_asked_at,
        min(happened_at) FILTER (WHERE kind = 'identity_checked' AND (data ->> '$.proven')::BOOLEAN)
            AS identity_proven_at,
        bool_or(kind = 'acted' AND data ->> '$.operation' = 'callback.request') AS called_back,
        bool_or(kind = 'acted' AND NOT by_person AND data ->> '$.operation'
                NOT IN ('handoff.queue', 'conversation.write')) AS acted,
        bool_or(kind = 'rated') AS csat_asked,
        arg_max((data ->> '$.csat')::BIGINT, position) FILTER (WHERE kind = 'rated') AS csat,
        -- A person's word on what the assistant would do; a fallback or an expiry is nobody's.
        bool_or(kind = 'approval_decided'
                AND coalesce(data ->> '$.status', 'approved') IN ('approved', 'declined')
                OR kind = 'verdict_given' AND NOT (data ->> '$.timed_out')::BOOLEAN) AS answer_seen,
        bool_or(kind = 'approval_decided' AND data ->> '$.status' = 'declined'
                OR kind = 'verdict_given' AND (data ->> '$.overridden')::BOOLEAN)
            AS answer_overridden,
        arg_max(data ->> '$.label', position) FILTER (WHERE kind = 'escalation_labelled')
            AS handoff_label,
        arg_min(data ->> '$.text', position) FILTER (WHERE kind = 'message_received') AS first_words
    FROM step
    GROUP BY tenant, stream
),

-- Ended: somebody said so, or nothing happened for a day (a week once people have it).
closed AS (
    SELECT *, CASE
        WHEN said_ended_at IS NOT NULL AND is_last_word THEN said_ended_at
        WHEN with_people AND last_person_at IS NULL THEN NULL
        WHEN last_at + (CASE WHEN with_people THEN INTERVAL 7 DAY ELSE INTERVAL 1 DAY END)
             <= $as_of::TIMESTAMPTZ THEN last_at
    END AS ended_at
    FROM conversation
),

request_state AS (
    SELECT tenant, stream, position, happened_at, data ->> '$.request.id' AS request_id,
           data ->> '$.request.intent' AS intent, data ->> '$.request.flow' AS flow,
           data ->> '$.request.text' AS words, data ->> '$.request.status' AS status,
           nullif(data ->> '$.request.case_id', '') AS case_id,
           max(position) FILTER (WHERE data ->> '$.request.status' <> 'answered')
               OVER (PARTITION BY tenant, stream, data ->> '$.request.id') AS last_open
    FROM step
    WHERE kind IN ('request_opened', 'request_updated')
),

request AS (
    SELECT tenant, stream, request_id,
           min(position) AS place,
           min(happened_at) AS opened_at,
           arg_max(intent, position) AS intent,
           arg_max(flow, position) AS flow,
           arg_min(words, position) AS words,
           arg_max(status, position) AS status,
           max(case_id) AS case_id,
           min(happened_at)
               FILTER (WHERE status = 'answered' AND position > coalesce(last_open, 0))
               AS answered_at
    FROM request_state
    GROUP BY tenant, stream, request_id
),

-- Small talk is a need only where there is no other; a conversation without requests is one need.
need AS (
    SELECT tenant, stream, request_id, coalesce(place, 0) AS place, opened_at, intent, flow,
           words, status, case_id, answered_at,
           coalesce(intent NOT IN ('greeting', 'thanks', 'are_you_human'), TRUE) AS eligible
    FROM started LEFT JOIN request USING (tenant, stream)
    QUALIFY eligible OR NOT bool_or(eligible) OVER (PARTITION BY tenant, stream)
),

decision AS (
    SELECT tenant, stream, position, data ->> '$.request_id' AS request_id,
           data -> '$.situation' AS situation,
           data ->> '$.decision.rule_id' AS rule_id,
           data ->> '$.decision.reason' AS reason,
           coalesce(data ->> '$.decision.policy_version', policy_version) AS policy_version,
           list_position(['automate', 'assist', 'escalate'], data ->> '$.decision.level') AS height
    FROM step
    WHERE kind = 'decided'
),

-- The most human level that was reached decides; the earliest of several.
decided AS (
    SELECT tenant, stream, request_id,
           arg_min(situation, position) AS situation,
           max(height) AS height,
           first(rule_id ORDER BY height DESC, position) AS rule_id,
           first(reason ORDER BY height DESC, position) AS reason,
           first(policy_version ORDER BY height DESC, position) AS policy_version
    FROM decision
    GROUP BY tenant, stream, request_id
),

-- Cases as they stand, and what became of their promises. Paused clocks are not due. A case counts
-- for the first need that it was opened for, in the conversation that opened it.
case_state AS (
    SELECT tenant, data ->> '$.case_id' AS case_id,
           arg_max(data -> '$.after', position) AS state,
           arg_max(data ->> '$.after.conversation_id', position) AS opened_in,
           bool_or(data ->> '$.activity' = 'reopened') AS reopened
    FROM event
    WHERE kind = 'case_changed'
    GROUP BY ALL
),

clock AS (
    SELECT tenant, case_id, clock ->> '$.kind' AS kind,
           clock ->> '$.met_at' IS NOT NULL
               OR (clock ->> '$.paused_at' IS NULL
                   AND (clock ->> '$.due_at')::TIMESTAMPTZ <= $as_of::TIMESTAMPTZ) AS due,
           coalesce((clock ->> '$.met_at')::TIMESTAMPTZ <= (clock ->> '$.due_at')::TIMESTAMPTZ,
                    FALSE) AS met
    FROM (SELECT tenant, case_id, unnest(json_extract(state, '$.clocks[*]')) AS clock
          FROM case_state)
),

promise AS (
    SELECT tenant, case_id,
           count(*) FILTER (WHERE due) AS sla_due,
           count(*) FILTER (WHERE due AND met) AS sla_met,
           count(*) FILTER (WHERE due AND kind = 'first_response') AS first_response_due,
           count(*) FILTER (WHERE due AND met AND kind = 'first_response') AS first_response_met,
           count(*) FILTER (WHERE due AND kind = 'next_response') AS next_response_due,
           count(*) FILTER (WHERE due AND met AND kind = 'next_response') AS next_response_met,
           count(*) FILTER (WHERE due AND kind = 'resolution') AS resolution_due,
           count(*) FILTER (WHERE due AND met AND kind = 'resolution') AS resolution_met
    FROM clock
    GROUP BY tenant, case_id
),

-- A need with its conversation. `carries`: counts what belongs to the whole conversation.
joined AS (
    SELECT need.*, started.* EXCLUDE (tenant, stream),
        closed.* EXCLUDE (tenant, stream, handed_off),
        decided.* EXCLUDE (tenant, stream, request_id, height),
        row_number() OVER lead_first = 1 AS carries,
        coalesce(closed.handed_off AND (status = 'handed_off' OR (row_number() OVER lead_first = 1
            AND NOT bool_or(status = 'handed_off') OVER (PARTITION BY tenant, stream))), FALSE)
            AS handed_off,
        need.place = min(need.place) OVER (PARTITION BY tenant, stream) AS is_first,
        row_number() OVER (PARTITION BY tenant, stream, case_id ORDER BY place, request_id) = 1
            AS first_on_case,
        height
    FROM need
    JOIN started USING (tenant, stream)
    JOIN closed USING (tenant, stream)
    LEFT JOIN decided USING (tenant, stream, request_id)
    WINDOW lead_first AS (PARTITION BY tenant, stream
                          ORDER BY status = 'handed_off' DESC NULLS LAST, height DESC NULLS LAST,
                                   place, request_id)
),

told AS (
    SELECT joined.* EXCLUDE (started_at), promise.* EXCLUDE (tenant, case_id),
        CASE WHEN is_first THEN started_at ELSE opened_at END AS started_at,
        coalesce(case_state.reopened, FALSE) AS reopened,
        -- A case that was merged is closed, but whether the need is met, the survivor will say.
        coalesce(case_state.state ->> '$.status' IN ('solved', 'closed')
                 AND coalesce(case_state.state ->> '$.merged_into', '') = '', FALSE) AS case_solved,
        CASE
            WHEN ended_at IS NULL THEN NULL
            WHEN status = 'answered' OR (joined.handed_off AND last_person_at IS NOT NULL)
            THEN coalesce(grade, 'assumed')
            WHEN NOT joined.handed_off AND status IS DISTINCT FROM 'waiting'
                 AND status IS DISTINCT FROM 'open' AND assistant_replies > 0
            THEN 'contained'
        END AS resolution
    FROM joined
    LEFT JOIN case_state
        ON case_state.tenant = joined.tenant AND case_state.case_id = joined.case_id
       AND opened_in = stream AND first_on_case
    LEFT JOIN promise
        ON promise.tenant = case_state.tenant AND promise.case_id = case_state.case_id
),

timed AS (
    SELECT *,
        coalesce(handoff_label = 'not_needed'
                 OR handoff_label IS NOT NULL
                    AND handoff_reason IN ('low_confidence', 'out_of_scope', 'missing_knowledge'),
                 FALSE) AS handoff_judges,
        CASE WHEN resolution IS NOT NULL THEN greatest(
            coalesce(CASE WHEN NOT handed_off THEN answered_at END, ended_at), started_at)
        END AS resolved_at,
        CASE WHEN first_reply_at IS NOT NULL THEN greatest(first_reply_at, started_at)
        END AS responded_at
    FROM told
),

fact AS (
    SELECT
        {situation},
        stream || coalesce('/' || request_id, '') AS contact_id,
        tenant,
        stream AS conversation_id,
        customer_id,
        started_at,
        ended_at,
        phase,
        CASE WHEN handed_off THEN queue END AS queue,
        left(coalesce(nullif(words, ''), first_words, ''), 160) AS summary,
        CASE WHEN handed_off AND coalesce(height, 1) = 1 THEN 'escalate'
             ELSE ['automate', 'assist', 'escalate'][height] END AS level,
        rule_id,
        coalesce(reason, CASE WHEN handed_off THEN handoff_reason END) AS reason,
        policy_version,
        release,
        arm,
        eligible,
        assistant_replies > 0 AS entered_automation,
        assistant_replies > 0 AND (messages > 1 OR acted) AS engaged,
        handed_off,
        CASE WHEN handed_off THEN handoff_kind END AS handoff_kind,
        carries AND called_back AS called_back,
        ended_at IS NOT NULL AND NOT handed_off
            AND coalesce(status IN ('waiting', 'open'), FALSE) AS abandoned,
        resolution,
        resolution IN ('assumed', 'confirmed') OR case_solved AS solved,
        reopened,
        CASE WHEN carries THEN human_agents END AS human_agents,
        CASE WHEN carries THEN talk_s END AS talk_s,
        CASE WHEN carries THEN hold_s END AS hold_s,
        CASE WHEN carries THEN wrap_s END AS wrap_s,
        CASE WHEN carries THEN suggestions_shown END AS suggestions_shown,
        CASE WHEN carries THEN suggestions_accepted END AS suggestions_accepted,
        CASE WHEN carries THEN suggestions_edited END AS suggestions_edited,
        CASE WHEN carries THEN suggestions_ignored END AS suggestions_ignored,
        carries AND handed_off AND asked_again AS repeat_question,
        CASE WHEN carries THEN (assistant_ms + 500) // 1000 END AS assistant_s,
        date_diff('second', started_at, responded_at) AS first_response_s,
        date_diff('second', started_at, resolved_at) AS resolution_s,
        {first_response_work} AS first_response_work_s,
        {resolution_work} AS resolution_work_s,
        sla_due, sla_met, first_response_due, first_response_met,
        next_response_due, next_response_met, resolution_due, resolution_met,
        carries AND csat_asked AS csat_asked,
        CASE WHEN carries THEN csat END AS csat,
        -- A hand-off that was not needed would have been answered right; one that was, where the
        -- assistant did not understand, would not.
        carries AND (answer_seen OR handoff_judges) AS judged,
        carries AND (answer_seen AND (answer_overridden OR reopened)
                     OR handoff_judges AND handoff_label <> 'not_needed') AS wrong,
        carries AND (answer_seen OR handoff_label IS NOT NULL) AS decision_seen,
        carries AND (answer_overridden OR coalesce(handoff_label <> 'needed', FALSE))
            AS overridden,
        CASE WHEN carries AND handed_off AND identity_proven_at <= handed_off_at
             THEN date_diff('second', identity_asked_at, identity_proven_at) END AS auth_s,
        CASE WHEN carries THEN model_cost_micros END AS model_cost_micros,
        CASE WHEN carries THEN messages ELSE 0 END AS turns
    FROM timed
),

-- Same customer, same topic, another conversation: when did it begin?
visit AS (
    SELECT tenant, customer_id, coalesce(intent, flow) AS topic,
           coalesce(conversation_id, contact_id) AS visit_id, min(started_at) AS began_at
    FROM (SELECT * FROM fact UNION ALL BY NAME SELECT * FROM neighbour)
    WHERE coalesce(intent, flow) IS NOT NULL
    GROUP BY ALL
),

return_visit AS (
    SELECT tenant, customer_id, topic, visit_id,
           lead(began_at) OVER (PARTITION BY tenant, customer_id, topic
                                ORDER BY began_at, visit_id) - began_at AS after
    FROM visit
)

SELECT contact.*,
    coalesce(after <= INTERVAL 48 HOUR, FALSE) AS repeated_48h,
    coalesce(after <= INTERVAL 7 DAY, FALSE) AS repeated_7d
FROM (SELECT * FROM fact
      UNION ALL BY NAME
      SELECT * EXCLUDE (repeated_48h, repeated_7d) FROM neighbour
      WHERE contact_id NOT IN (SELECT contact_id FROM fact)) AS contact
LEFT JOIN return_visit
    ON return_visit.tenant = contact.tenant
   AND return_visit.customer_id = contact.customer_id
   AND topic = coalesce(contact.intent, contact.flow)
   AND visit_id = coalesce(contact.conversation_id, contact.contact_id)
