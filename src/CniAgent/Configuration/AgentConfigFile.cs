using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace CniAgent.Configuration;

/// <summary>Reads agent.yaml: one mapping of keys to scalars or lists of scalars.</summary>
internal static class AgentConfigFile
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="mayBeAbsent">Whether defaults will do if there is none.</param>
    /// <exception cref="ConfigException">It cannot be read, or something in it is wrong.</exception>
    public static AgentConfig Read(string path, bool mayBeAbsent)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && mayBeAbsent)
        {
            return new AgentConfig();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException($"{path}: {e.Message}");
        }
        return Parse(path, text);
    }

    /// <inheritdoc cref="Read"/>
    public static AgentConfig Parse(string path, string text)
    {
        Parser parser = new(new StringReader(text));
        AgentConfig config = new();
        HashSet<string> seen = [];
        try
        {
            _ = parser.MoveNext() && parser.MoveNext();
            if (Next<DocumentStart>(parser) is null || Next<Scalar>(parser) is { Value.Length: 0 })
                return config;
            if (Next<MappingStart>(parser) is null)
                throw At(path, parser.Current!, "this is no mapping; write lines of the form \"key: value\"");
            while (Next<Scalar>(parser) is { } key)
            {
                if (!seen.Add(key.Value))
                    throw At(path, key, $"{key.Value} stands here a second time; leave one out");
                config = Take(path, config, key, Values(path, parser, key));
            }
            return config;
        }
        catch (YamlException e)
        {
            throw new ConfigException($"{path}:{e.Start.Line}:{e.Start.Column}: {e.Message}");
        }
    }

    private static AgentConfig Take(string path, AgentConfig config, Scalar key, IReadOnlyList<string> values)
    {
        try
        {
            AgentConfig taken = config.With(key.Value, values)
                ?? throw new ConfigException($"{key.Value} is no key{Nearest(key.Value)}");
            Dictionary<string, string> places = new(config.Places) { [key.Value] = PlaceOf(path, key) };
            return taken with { Places = places };
        }
        catch (ConfigException e)
        {
            throw At(path, key, e.Message);
        }
    }

    private static List<string> Values(string path, Parser parser, Scalar key)
    {
        if (Next<Scalar>(parser) is { } value)
            return [value.Value];
        if (Next<SequenceStart>(parser) is null)
            throw At(path, key, $"{key.Value} has a value that is neither a scalar nor a list of them");
        List<string> values = [];
        while (Next<Scalar>(parser) is { } item)
            values.Add(item.Value);
        return Next<SequenceEnd>(parser) is null ? throw At(path, parser.Current!, $"{key.Value} has an item that is no scalar") : values;
    }

    /// <summary>Takes what comes next if it is of a kind; null if it is of another.</summary>
    private static T? Next<T>(Parser parser)
        where T : ParsingEvent
    {
        T? next = parser.Current as T;
        if (next is not null)
            _ = parser.MoveNext();
        return next;
    }

    private static string Nearest(string key) =>
        NearestName.Of(key, AgentConfig.Keys.Select(static known => known.Name)) is { } name ? $"; did you mean {name}?" : "";

    private static ConfigException At(string path, ParsingEvent where, string message) =>
        new($"{PlaceOf(path, where)}: {message}");

    private static string PlaceOf(string path, ParsingEvent where) => $"{path}:{where.Start.Line}:{where.Start.Column}";
}
