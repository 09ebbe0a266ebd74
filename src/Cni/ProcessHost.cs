using System.Collections;
using Linux.Files;

namespace Cni;

/// <summary>The real environment and streams.</summary>
public sealed class ProcessHost : ICniHost
{
    public IReadOnlyCollection<KeyValuePair<string, string>> Variables
    {
        get
        {
            List<KeyValuePair<string, string>> variables = [];
            foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
                variables.Add(new((string)entry.Key, (string?)entry.Value ?? ""));
            return variables;
        }
    }

    public string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? "";

    public ReadOnlyMemory<byte> ReadInput() => StandardStreams.ReadInput();

    public void WriteOutput(ReadOnlySpan<byte> answer) => StandardStreams.WriteOutput(answer);

    public void WriteError(string line) => StandardStreams.WriteError(line);
}
