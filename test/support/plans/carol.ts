/**
 * The plan that tests of plans share: a contractor wins a dog breeder as a customer, in three phases. Its first task is
 * decomposed as an agent with a model would do it; the other tasks are written by hand, one of them not decomposed yet.
 */
export const CAROL_PLAN_ID = "plan_carol_breeder_sys_20260211";

/** As `POST /api/agents/{id}/decompose` answers them. */
export const DECOMPOSED_SUBTASKS = [
  {
    subtask_id: "task_1_1_a",
    title: "Send initial contact email",
    action: "send_email",
    params: {
      to: "carol@bittersweet-farm.com",
      subject: "Breeder Management System - Discovery Interview",
      body: "Hi Carol,\n\nI'm Larry, a software contractor building custom management systems for small animal operations...",
      tone: "professional_friendly",
    },
    depends_on: [],
    success_criteria: ["Email sent successfully", "Response received within 24 hours"],
    failure_handling: "If bounce: try phone call",
  },
  {
    subtask_id: "task_1_1_b",
    title: "Conduct 90-minute discovery interview",
    action: "conduct_interview",
    params: {
      duration_minutes: 90,
      format: "video_call_or_phone",
      script_template: "breeder_discovery_interview.md",
      required_topics: [
        "Current breeding records system",
        "Customer management process",
        "Puppy tracking workflow",
        "Pain points with current tools",
        "Desired features",
      ],
    },
    depends_on: ["task_1_1_a"],
    success_criteria: ["Interview conducted", "All 5 topics covered", "Transcript or notes recorded"],
  },
  {
    subtask_id: "task_1_1_c",
    title: "Document findings in structured format",
    action: "document_findings",
    params: {
      template: "interview_summary_template.md",
      output_path: "interviews/carol_20260211_discovery.md",
      sections: ["Current workflow overview", "Key pain points", "Feature wishlist", "Estimated priorities"],
    },
    depends_on: ["task_1_1_b"],
    success_criteria: ["Document created", "All sections completed", "Ready for proposal generation"],
  },
];

/** What a person may choose when Carol's address bounces. */
export const WHEN_IT_BOUNCES = [
  {
    option: "approve_alternative_email",
    action: "send_email",
    params: { to: "info@bittersweetfarm.com", subject: "Discovery Interview Request", body: "Hi Carol..." },
  },
  { option: "approve_phone_call", action: "make_phone_call", params: { number: "860-455-9416" } },
];

export const CAROL_PLAN = {
  plan_id: CAROL_PLAN_ID,
  goal: "Build custom breeder management system",
  business_type: "Dog breeding",
  industry: "Animal husbandry",
  target_customer: "Carol Campion (Bittersweet Farm, border collie breeder, 25+ years experience)",
  phases: [
    { phase_id: "phase_1", title: "Discovery" },
    { phase_id: "phase_2", title: "Proposal" },
    { phase_id: "phase_3", title: "Follow-up" },
  ],
  tasks: [
    {
      id: "task_1_1",
      phase_id: "phase_1",
      title: "Interview Carol about current workflow",
      description: "Understand her breeding records, customer management, puppy tracking workflows",
      assignee_role: "Business Analyst",
      estimated_hours: 4,
      priority: 1,
      decomposition_confidence: 0.92,
      decomposition_notes: "Task should be completed within 1 week. Carol has high interest based on call feedback.",
      is_blocking: true,
      subtasks: DECOMPOSED_SUBTASKS.map((subtask) =>
        subtask.action === "send_email"
          ? { ...subtask, retry_policy: { max_attempts: 3, backoff_seconds: 300 }, alternatives: WHEN_IT_BOUNCES }
          : { ...subtask, idempotent: subtask.action === "document_findings" },
      ),
    },
    {
      id: "task_2_1",
      phase_id: "phase_2",
      title: "Draft the proposal",
      description: "Scope, price and dates, from the findings",
      assignee_role: "Full-stack contractor",
      prerequisite_task_ids: ["task_1_1"],
      subtasks: [
        {
          id: "task_2_1_a",
          title: "Write the proposal",
          action: "draft_document",
          params: { template: "proposal.md" },
          timeout_hours: 48,
          retry_policy: { max_attempts: 3, backoff: "exponential" },
        },
        {
          id: "task_2_1_b",
          title: "Send the proposal",
          action: "send_email",
          params: { to: "carol@bittersweet-farm.com" },
          prerequisite_subtask_ids: ["task_2_1_a"],
        },
      ],
    },
    {
      id: "task_3_1",
      phase_id: "phase_3",
      title: "Agree on the next step with Carol",
      description: "Analyze her feedback and schedule a call",
      assignee_role: "Business Analyst",
      priority: 2,
      prerequisite_task_ids: ["task_2_1"],
    },
  ],
};
