import { useLocation } from "wouter";

/** Goes to another execution. */
export function useGoTo(): (id: string) => void {
  const [, navigate] = useLocation();
  return (id) => navigate(`/executions/${encodeURIComponent(id)}`);
}
