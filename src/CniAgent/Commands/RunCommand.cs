using System.CommandLine;
using Agent;
using Agent.Api;
using Agent.Overlay;
using Cluster.Store;
using CniAgent.Configuration;
using Linux.Files;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Netlink.WireGuard;

namespace CniAgent.Commands;

/// <summary><c>cniagent run</c>: the agent of this node.</summary>
internal static class RunCommand
{
    /// <summary>Makes the command; every key of agent.yaml is an option, too.</summary>
    public static Command Make()
    {
        Option<string> file = new("--config")
        {
            Description = "the configuration",
            DefaultValueFactory = static _ => AgentConfig.DefaultPath,
        };
        (string Key, Option<string[]> Option)[] keys =
        [
            .. AgentConfig.Keys.Select(static key => (key.Name, new Option<string[]>(OptionName(key.Name)) { Description = key.Help })),
        ];
        Command command = new("run", "run the agent of this node") { file };
        foreach ((_, Option<string[]> option) in keys)
            command.Add(option);
        command.SetAction(async (arguments, cancel) =>
        {
            AgentConfig config = AgentConfigFile.Read(arguments.GetValue(file)!, mayBeAbsent: arguments.GetResult(file)?.Implicit != false);
            foreach ((string key, Option<string[]> option) in keys)
            {
                if (arguments.GetValue(option) is { Length: > 0 } values)
                    config = config.With(key, values)! with { Places = config.Places.Where(place => place.Key != key).ToDictionary() };
            }
            await RunAsync(AgentSettings.From(config), cancel);
            return 0;
        });
        return command;
    }

    // nodeName → --node-name
    private static string OptionName(string key) =>
        $"--{string.Concat(key.Select(static c => char.IsAsciiLetterUpper(c) ? $"-{char.ToLowerInvariant(c)}" : $"{c}"))}";

    private static async Task RunAsync(AgentSettings settings, CancellationToken cancel)
    {
        OwnerDirectory.Create(settings.Agent.RuntimeDirectory);
        WireGuardKey key = WireGuardKeyFile.ReadOrMake(settings.Agent.StateDirectory);
        await using IClusterStore store = settings.OpenStore();
        await using WebApplication host = Host(settings.SocketPath);
        ILoggerFactory loggers = host.Services.GetRequiredService<ILoggerFactory>();
        using OverlayDatapath overlay = OverlayDatapath.Open(settings.Overlay with { WireGuardKey = key });
        ILogger ways = loggers.CreateLogger("overlay");
        overlay.Log = line => LogOverlay(ways, line);
        using NodeAgent agent = new(settings.Agent with { WireGuardKey = X25519.PublicKeyOf(key) }, store, overlay, loggers);
        new AgentApi(agent, store).Map(host);
        await host.StartAsync(cancel);
        File.SetUnixFileMode(settings.SocketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await agent.RunAsync(cancel);
    }

    private static WebApplication Host(string socket)
    {
        // What an agent that was killed has left.
        File.Delete(socket);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        _ = builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(socket));
        _ = builder.Services.AddRoutingCore();
        _ = builder.Logging.AddSimpleConsole(static format =>
        {
            format.SingleLine = true;
            format.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        _ = builder.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        _ = builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        return builder.Build();
    }

    private static void LogOverlay(ILogger log, string line)
    {
        if (log.IsEnabled(LogLevel.Information))
            log.Log(LogLevel.Information, default, line, null, static (text, _) => text);
    }
}
