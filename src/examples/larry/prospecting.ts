/** A plan for Larry: prospects are found, written to, met and written down. The addresses are those of `places.csv`. */
export const PROSPECTING = {
  plan_id: "plan_prospecting",
  goal: "Win a dog breeder as a customer for a breeder management system",
  business_type: "Dog breeding",
  industry: "Animal husbandry",
  phases: [
    { phase_id: "phase_1", title: "Find prospects" },
    { phase_id: "phase_2", title: "Contact them" },
    { phase_id: "phase_3", title: "Meet, and write it down" },
  ],
  tasks: [
    {
      ...{ id: "task_1", phase_id: "phase_1", title: "Find dog breeders", is_blocking: true },
      subtasks: [
        {
          ...{ id: "task_1_a", title: "Search for dog breeders", action: "search_places" },
          params: { query: "dog breeder", save_as: "results/places.json" },
        },
        {
          ...{ id: "task_1_b", title: "Write them into the list", action: "manage_csv", depends_on: ["task_1_a"] },
          params: { path: "prospects.csv", rows_from: "results/places.json", set: { status: "found" } },
        },
      ],
    },
    {
      ...{ id: "task_2", phase_id: "phase_2", title: "Ask Carol for an interview", is_blocking: true },
      subtasks: [
        {
          ...{ id: "task_2_a", title: "Send the request to Carol", action: "send_email" },
          params: {
            to: "carol@bittersweet-farm.example",
            subject: "Discovery Interview Request",
            body: "Hi Carol,\n\nI'm Larry. I build management systems for small animal operations. May I ask you how you work today?",
            await_response: true,
          },
          alternatives: [
            {
              ...{ option: "approve_phone_call", action: "make_phone_call" },
              params: { number: "860-555-0116", message: "Ask for an interview of 90 minutes" },
            },
          ],
        },
        {
          ...{ id: "task_2_b", title: "Note that she was contacted", action: "manage_csv", depends_on: ["task_2_a"] },
          params: {
            path: "prospects.csv",
            rows: [{ email: "carol@bittersweet-farm.example" }],
            set: { status: "contacted" },
          },
        },
        {
          ...{ id: "task_2_c", title: "Weigh what she says", action: "analyze_feedback", depends_on: ["task_2_a"] },
        },
      ],
    },
    {
      ...{ id: "task_3", phase_id: "phase_3", title: "Interview Carol" },
      subtasks: [
        {
          ...{ id: "task_3_a", title: "Schedule the interview", action: "schedule_calendar_event" },
          params: {
            title: "Discovery interview",
            start: "2026-12-10T14:00:00-05:00",
            duration_minutes: 90,
            attendees: ["carol@bittersweet-farm.example"],
          },
        },
        {
          ...{ id: "task_3_b", title: "Conduct the interview", action: "conduct_interview", depends_on: ["task_3_a"] },
          params: {
            required_topics: ["Current breeding records system", "Pain points with current tools"],
            output_path: "interviews/carol.md",
          },
        },
        {
          ...{ id: "task_3_c", title: "Document the findings", action: "document_findings", depends_on: ["task_3_b"] },
          params: {
            sections: ["Current workflow overview", "Key pain points"],
            output_path: "findings/carol.md",
          },
        },
        {
          ...{ id: "task_3_d", title: "Draft the proposal", action: "draft_document", depends_on: ["task_3_c"] },
          params: { source: "findings/carol.md", output_path: "proposals/carol.md" },
        },
      ],
    },
  ],
};
