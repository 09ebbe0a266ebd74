using System.CommandLine;
using CniAgent.Configuration;

namespace CniAgent.Manual;

/// <summary>The manual pages, made from commands and keys.</summary>
internal static class ManualPages
{
    /// <summary>All of them.</summary>
    /// <param name="control">The commands of <c>cnictl</c>.</param>
    /// <param name="agent">The commands of <c>cniagent</c>.</param>
    public static IReadOnlyList<ManualPage> Make(RootCommand control, RootCommand agent) =>
        [MakeControl(control), MakeAgent(agent), MakeConfiguration()];

    private static ManualPage MakeControl(RootCommand root)
    {
        ManualPage page = new("cnictl", 1, AgentSettings.Version, "show and change what the nodes of a cluster do");
        page.Section("SYNOPSIS");
        page.Paragraph("cnictl COMMAND [ARGUMENTS] [OPTIONS]");
        page.Section("DESCRIPTION");
        page.Paragraph(
            "cnictl asks the agent of this node, cniagent(8), over its socket, which root alone may connect to. Most commands print a "
            + "table, or JSON with --json.");
        AddOptions(page, root, "OPTIONS");
        page.Section("COMMANDS");
        AddCommands(page, root, "cnictl");
        page.Section("EXIT STATUS");
        page.Term("0", "", "what was asked was done.");
        page.Term("1", "", "it was not, or a check has found a problem; standard error, or the table, names it and the remedy.");
        page.Section("FILES");
        page.Term(AgentSettings.SocketIn(new AgentConfig().RuntimeDir), "", "the agent's socket.");
        page.Section("SEE ALSO");
        page.Paragraph("cniagent(8), agent.yaml(5)");
        return page;
    }

    private static ManualPage MakeAgent(RootCommand root)
    {
        ManualPage page = new("cniagent", 8, AgentSettings.Version, "join the pods of many hosts");
        page.Section("SYNOPSIS");
        page.Paragraph("cniagent run [OPTIONS]");
        page.Section("DESCRIPTION");
        page.Paragraph(
            "cniagent claims blocks of addresses for its node, writes the network lists that container runtimes read, and keeps tunnels "
            + "and routes to the pods of other nodes in the kernel. What it has done stays when it ends; when it starts it adopts it.");
        page.Section("COMMANDS");
        AddCommands(page, root, "cniagent");
        page.Section("FILES");
        AgentConfig defaults = new();
        page.Term(AgentConfig.DefaultPath, "", "the configuration, agent.yaml(5).");
        page.Term(defaults.RuntimeDir, "", "what may be lost with the boot.");
        page.Term(defaults.StateDir, "", "what must survive it: above all the node's identity.");
        page.Section("SEE ALSO");
        page.Paragraph("cnictl(1), agent.yaml(5)");
        return page;
    }

    private static ManualPage MakeConfiguration()
    {
        ManualPage page = new("agent.yaml", 5, AgentSettings.Version, "configuration of the node agent");
        page.Section("SYNOPSIS");
        page.Paragraph(AgentConfig.DefaultPath);
        page.Section("DESCRIPTION");
        page.Paragraph(
            "One mapping in YAML, of keys to scalars or lists of scalars. Each key is an option of cniagent run, too, which goes before "
            + "the file. A key that is not known is an error with line and column.");
        page.Section("KEYS");
        foreach ((string name, string help) in AgentConfig.Keys)
            page.Term(name, "", $"{help}.");
        page.Section("EXAMPLE");
        page.Example("""
            store: etcd
            etcd:
            - https://192.0.2.10:2379
            - https://192.0.2.11:2379
            ca: /etc/cniagent/ca.pem
            cert: /etc/cniagent/node.pem
            key: /etc/cniagent/node.key
            """);
        page.Section("SEE ALSO");
        page.Paragraph("cniagent(8), cnictl(1)");
        return page;
    }

    private static void AddCommands(ManualPage page, Command command, string path)
    {
        foreach (Command child in command.Subcommands.Where(static child => !child.Hidden))
        {
            string name = $"{path} {child.Name}";
            if (child.Subcommands.Count > 0)
            {
                AddCommands(page, child, name);
                continue;
            }
            page.Part(string.Join(' ', [name, .. child.Arguments.Select(Placeholder)]));
            page.Paragraph($"{child.Description}.");
            foreach (Argument argument in child.Arguments)
                page.Term(Placeholder(argument), "", $"{argument.Description}.");
            foreach (Option option in child.Options.Where(static option => !option.Hidden))
                page.Term(option.Name, ValueOf(option), $"{option.Description}.");
        }
    }

    private static void AddOptions(ManualPage page, Command command, string title)
    {
        page.Section(title);
        foreach (Option option in command.Options.Where(static option => !option.Hidden))
            page.Term(option.Name, ValueOf(option), $"{option.Description?.TrimEnd('.')}.");
    }

    private static string Placeholder(Argument argument) =>
        argument.Arity.MinimumNumberOfValues == 0 ? $"[{argument.Name.ToUpperInvariant()}]"
        : argument.Arity.MaximumNumberOfValues > 1 ? $"{argument.Name.ToUpperInvariant()}..."
        : argument.Name.ToUpperInvariant();

    private static string ValueOf(Option option) =>
        option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool) ? "" : option.Name.TrimStart('-').ToUpperInvariant();
}
