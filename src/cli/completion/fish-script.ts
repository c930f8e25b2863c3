/** What `rivet-otel completion fish` prints. Fish puts its own quotes around what it is given. */
export const FISH_SCRIPT = `# Completion of rivet-otel for fish.
#
# Now, and in every new shell:
#   rivet-otel completion fish | source          in this shell
#   rivet-otel completion fish > ~/.config/fish/completions/rivet-otel.fish

function __rivet_otel_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (command -s $words[1]; or command -s rivet-otel)
    test -n "$program"; or return
    set -e words[1]
    set -l answer ($program[1] __complete fish $words "$current" 2>/dev/null </dev/null)
    set -l kind $answer[1]
    set -e answer[1]
    switch "$kind"
        case values
            test (count $answer) -gt 0; and printf '%s\\n' $answer
        case files
            # As of any other command, whatever quotes are open.
            set -l lead (string match -r -- '^--[^=]+=' "$current")
            for file in (complete -C "'' "(string replace -- "$lead" '' "$current"))
                printf '%s\\n' "$lead$file"
            end
        case command
            set -e words[1..(contains -i -- -- $words)]
            complete -C (string join ' ' -- (string escape -- $words) "$current")
    end
end

complete -c rivet-otel -f -k -a '(__rivet_otel_complete)'
`
