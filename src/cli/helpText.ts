/**
 * What `regionsim --help` prints. Laying it out takes yargs three times as long as Node takes to start, so
 * the answer to the first question anybody asks is kept ready; a test holds it equal to what yargs prints.
 */
export const HELP_TEXT: string = `regionsim <command>

What happens to a multi-region LLM application when a region, provider or path fails.

Commands:
  regionsim init [file]             Write a small commented scenario to start from
  regionsim validate <files..>      Report every mistake in scenario files
  regionsim run <file>              Simulate a scenario and write its report
  regionsim compare <files..>       Say what differs between deployments, under the same luck
  regionsim audit <file>            Prove where prompts can ever be, or say how they leak
  regionsim size <file>             Find the least capacity that survives the loss of regions
  regionsim report <result>         Render a stored result again
  regionsim verify <result>         Run a stored result again and compare
  regionsim calibrate <log>         Fit the step times of replicas to a request log
  regionsim import <system> <file>  Make a scenario of a LiteLLM, Portkey or Envoy configuration
  regionsim query <results> <sql>   Ask the tables of a run or a sweep in SQL
  regionsim sweep                   Make the runs of a plan, or a share of them
  regionsim worker                  Run segments of sweeps that others send to a backend
  regionsim gateway <file>          Run the gateways of a scenario on real traffic
  regionsim drill <file>            Run the real gateways beside the simulator
  regionsim replay-decisions <log>  Decide again what a gateway decided, by the same rules or others
  regionsim schema [of]             Print the JSON Schema of scenarios or plans, or what results
                                    hold
  regionsim completion              Print a completion script for bash or zsh

Options:
      --version  Show version number                                                       [boolean]
  -h, --help     Show help                                                                 [boolean]

Exit codes: 0 ok, 1 internal error, 2 usage, 3 invalid input, 4 objective failed or violation
possible, 5 regression, 6 verify mismatch, 7 incomplete sweep, 130 interrupted.
`;
